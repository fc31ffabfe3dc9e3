"""salesplan leads export, erase."""

from typing import Annotated

import orjson
import typer

from worker import postgres
from worker.commands.shell import Exit, UnavailableError, asynchronous, data, database, postgres_trouble, say, who
from worker.leads import erase as erasing
from worker.leads.erase import EraseRefusedError, Known
from worker.leads.export import LeadExport
from worker.leads.export import export as exported
from worker.settings import load_settings

app = typer.Typer(help="What is known of a lead, and the right to be forgotten.", no_args_is_help=True)

Lead = Annotated[str, typer.Argument(help="Id of the lead.")]
Account = Annotated[str, typer.Option("--account", help="The account whose lead it is.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]
By = Annotated[str | None, typer.Option("--by", help="Who erases; default: the user of this system.")]


def print_schema(wanted: bool) -> None:  # noqa: FBT001 -- as typer calls it
    """The JSON Schema of an export, and no more."""
    if wanted:
        data(orjson.dumps(LeadExport.model_json_schema(mode="serialization"), option=orjson.OPT_INDENT_2).decode())
        raise typer.Exit


Schema = Annotated[
    bool,
    typer.Option("--schema", callback=print_schema, is_eager=True, help="Print the JSON Schema of what is exported."),
]


@app.command()
@asynchronous
async def export(lead: Lead, *, account: Account, schema: Schema = False) -> None:
    """Write all that the database holds of a lead, as one JSON object.

    Exit 1 where that is nothing.
    """
    settings = load_settings()
    with postgres_trouble():
        async with postgres.connected(settings.dsn, application_name="salesplan-leads") as connection:
            found = await exported(connection, account, lead, settings.topics)
    data(found.model_dump_json(indent=2))
    if not found.anything:
        say("Nothing is known of this lead in this account.")
        raise typer.Exit(Exit.FAILED)


@app.command()
@asynchronous
async def erase(lead: Lead, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Forget a lead: its assignments lose its name, it waits nowhere any more, and its contacts go.

    Kafka's topics hold what they hold until their retention is over. An event of the lead that comes later, or is read
    again, is one of a new lead.
    """
    async with database(load_settings()) as connection:
        try:
            if execute:
                known = await erasing.erase(connection, account, lead, who(by))
            else:
                known = await erasing.look(connection, account, lead)
        except EraseRefusedError as error:
            raise UnavailableError(f"{error}; nothing was changed") from None
    _say_done(known, execute=execute)


def _say_done(known: Known, *, execute: bool) -> None:
    if not known.anything:
        say("Nothing was changed: nothing is known of this lead in this account.")
        return
    told = "{assignments} assignments lose its name, {waiting} waiting places and {contacts} contacts go."
    say(told.format(assignments=known.assignments, waiting=known.waiting, contacts=known.contacts))
    if execute:
        say("Done: the lead is forgotten here. Topics, their consumers and backups may still hold it.")
    elif known.pending:
        say("Nothing was changed; it would be refused just now, since an announcement is still to come.")
    else:
        say("Nothing was changed; add --execute to do it.")

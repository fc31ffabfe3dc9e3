"""salesplan leads export, erase."""

from typing import Annotated

import orjson
import typer

from worker import postgres
from worker.commands.shell import Exit, UnavailableError, asynchronous, author, data, database, postgres_trouble, say
from worker.leads import erase as erasing
from worker.leads.erase import EraseRefusedError, LeadCounts
from worker.leads.export import LeadExport
from worker.leads.export import export as exported
from worker.settings import load_settings

app = typer.Typer(help="Export the data about a lead, and erase a lead.", no_args_is_help=True)

Lead = Annotated[str, typer.Argument(help="Id of the lead.")]
Account = Annotated[str, typer.Option("--account", help="The account whose lead it is.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]
By = Annotated[str | None, typer.Option("--by", help="Who erases; default: the user of this system.")]


def print_schema(wanted: bool) -> None:  # noqa: FBT001 -- as typer calls it
    """Print the JSON Schema of an export, and end the command."""
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
    """Write all that the database holds about a lead, as one JSON object.

    Exits with 1 if it holds nothing.
    """
    settings = load_settings()
    with postgres_trouble():
        async with postgres.connected(settings.dsn, application_name="salesplan-leads") as connection:
            found = await exported(connection, account, lead, settings.topics)
    data(found.model_dump_json(indent=2))
    if not found.has_data:
        say("Nothing is known of this lead in this account.")
        raise typer.Exit(Exit.FAILED)


@app.command()
@asynchronous
async def erase(lead: Lead, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Erase a lead: its assignments lose its name; its contacts and waiting rows are deleted.

    Kafka's topics keep their records until the retention is over. If an event of the lead comes later, or is read
    again, it makes a new lead.
    """
    async with database(load_settings()) as connection:
        try:
            if execute:
                counts = await erasing.erase(connection, account, lead, author(by))
            else:
                counts = await erasing.count(connection, account, lead)
        except EraseRefusedError as error:
            raise UnavailableError(f"{error}; nothing was changed") from None
    _say_done(counts, execute=execute)


def _say_done(counts: LeadCounts, *, execute: bool) -> None:
    if not counts.has_data:
        say("Nothing was changed: nothing is known of this lead in this account.")
        return
    say(
        f"{counts.assignments} assignments lose its name; {counts.waiting} waiting rows "
        f"and {counts.contacts} contacts are deleted."
    )
    if execute:
        say("Done: the lead is erased here. Topics, their consumers and backups may still hold it.")
    elif counts.pending:
        say("Nothing was changed. Erasing is refused now, since an announcement of the lead is not published yet.")
    else:
        say("Nothing was changed; add --execute to do it.")

"""salesplan prune."""

from typing import Annotated

import typer

from worker import postgres
from worker.commands.shell import asynchronous, database, postgres_trouble, say
from worker.leads import retention
from worker.settings import NAME_OF, Settings, load_settings


@asynchronous
async def prune(
    *, execute: Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")] = False
) -> None:
    """Delete rows that are older than the settings keep them; the ledger stays. Workers may run meanwhile."""
    settings = load_settings()
    if not retention.retention_days(settings.retention):
        names = [name for place, name in NAME_OF.items() if place[0] == "retention"]
        say(f"Nothing is to be pruned: {' and '.join(names)} say that all is kept.")
    elif execute:
        await _prune(settings)
    else:
        await _tell(settings)


async def _prune(settings: Settings) -> None:
    async with database(settings) as connection:
        for table, days in retention.retention_days(settings.retention).items():
            before = await retention.cutoff(connection, days)
            deleted = 0
            async for rows in retention.prune(connection, table, before):
                deleted += rows
            say(f"{table.name}: {deleted} rows deleted, from before {before:%Y-%m-%d %H:%M} UTC.")


async def _tell(settings: Settings) -> None:
    with postgres_trouble():
        async with postgres.connected(settings.dsn, application_name="salesplan-prune") as connection:
            for table, days in retention.retention_days(settings.retention).items():
                before = await retention.cutoff(connection, days)
                rows = await retention.count(connection, table, before)
                say(f"{table.name}: {rows} rows are from before {before:%Y-%m-%d %H:%M} UTC.")
    say("Nothing was changed; add --execute to do it.")

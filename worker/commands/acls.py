"""salesplan acls."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cluster.rights import Job, lacking, needed
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, asynchronous, data, say
from worker.kafka.admin import administration
from worker.settings import load_settings

app = typer.Typer(help="What the Kafka user must be allowed to do.", no_args_is_help=True)

For = Annotated[Job, typer.Option("--for", help="Whose: the worker's, or those of the commands beside it.")]
Principal = Annotated[str, typer.Option("--principal", help="Who is to have them, as the brokers call him.")]


@app.command("list")
def list_rights(*, job: For = Job.WORKER, principal: Principal = "User:NAME") -> None:
    """List the least rights that are needed, each as the command that grants it. Asks no server.

    For audit: verify, offsets, and dlq list and show. For replay: dlq replay. For create: topics create and check.
    """
    for right in needed(load_settings(), job):
        data(right.grant(principal))


@app.command()
@asynchronous
async def check(*, job: For = Job.WORKER) -> None:
    """Ask the brokers which of these rights the configured user lacks. Exit 1 where there is one."""
    settings = load_settings()
    async with kafka_trouble(settings), administration(settings.kafka) as admin:
        found = await lacking(admin, settings, job)
    for right in found:
        data(str(right))
    if found:
        raise typer.Exit(Exit.FAILED)
    say("No right is lacking, as far as the brokers tell: Write on a transactional-id shows when it is used.")

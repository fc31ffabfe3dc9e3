"""salesplan acls."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cluster.rights import Job, lacking, needed
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, asynchronous, data, say
from worker.kafka.admin import administration
from worker.settings import load_settings

app = typer.Typer(help="List and check the rights that the Kafka user needs.", no_args_is_help=True)

For = Annotated[Job, typer.Option("--for", help="The rights of the worker, or of a group of commands.")]
Principal = Annotated[
    str, typer.Option("--principal", help="The user that gets the rights, by its name at the brokers.")
]


@app.command("list")
def list_rights(*, job: For = Job.WORKER, principal: Principal = "User:NAME") -> None:
    """List the rights that are needed, each as the command that grants it. Connects to no server.

    audit is for verify, offsets, dlq list and dlq show; replay for dlq replay; create for topics create and check.
    """
    for right in needed(load_settings(), job):
        data(right.grant(principal))


@app.command()
@asynchronous
async def check(*, job: For = Job.WORKER) -> None:
    """Ask the brokers which of these rights the configured user lacks. Exits with 1 if one is missing."""
    settings = load_settings()
    async with kafka_trouble(settings), administration(settings.kafka) as admin:
        found = await lacking(admin, settings, job)
    for right in found:
        data(str(right))
    if found:
        raise typer.Exit(Exit.FAILED)
    say("No right is missing, as far as the brokers tell. They can't tell about Write on a transactional-id.")

"""salesplan topics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer

from worker import topics
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, asynchronous, data, say
from worker.kafka.admin import Admin, administration
from worker.settings import Settings, load_settings

app = typer.Typer(help="The topics the worker needs.", no_args_is_help=True)


@app.command("create")
@asynchronous
async def create() -> None:
    """Make the topics that are missing; those that exist are left alone."""
    settings = load_settings()
    async with _cluster(settings) as admin:
        made = await topics.create(admin, settings)
    for topic in made:
        data(f"{topic.name}: {topic.partitions} partitions, {topic.replication} copies")
    say("Every topic exists." if not made else f"{len(made)} made; the others existed.")


@app.command("check")
@asynchronous
async def check() -> None:
    """Whether the topics fit: they exist, have equal partitions, and dead letters fit. Exit 1 where not."""
    settings = load_settings()
    async with _cluster(settings) as admin:
        faults = await topics.check(admin, settings)
    for fault in faults:
        data(fault)
    if faults:
        raise typer.Exit(Exit.FAILED)
    say("All topics fit.")


@asynccontextmanager
async def _cluster(settings: Settings) -> AsyncIterator[Admin]:
    async with kafka_trouble(settings), administration(settings.kafka) as admin:
        yield admin

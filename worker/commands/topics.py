"""salesplan topics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer

from worker.cluster import topics
from worker.cluster.topics import Weight
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, asynchronous, data, say
from worker.kafka.admin import Admin, administration
from worker.settings import Settings, load_settings

app = typer.Typer(help="Create and check the topics that the worker needs.", no_args_is_help=True)


@app.command("create")
@asynchronous
async def create() -> None:
    """Create the missing topics. Existing topics stay as they are; the command reports their faults."""
    settings = load_settings()
    async with _cluster(settings) as admin:
        before = await admin.list_topics(topics.names(settings))
        made = await topics.create(admin, settings)
    for topic in made:
        data(f"{topic.name}: {topic.partitions} partitions, {topic.replication} copies")
    say(f"{len(made)} made." if made else "Every topic exists.")
    faults = topics.faults(settings, before._replace(topics=before.topics | {topic.name: topic for topic in made}))
    for fault in faults:
        say(str(fault))
    if faults:
        grave = sum(fault.weight is not Weight.WARNS for fault in faults)
        say(f"Topics that existed were left as they are. Faults: {grave}, warnings: {len(faults) - grave}.")


@app.command("check")
@asynchronous
async def check() -> None:
    """Compare the topics with the settings that the guarantees need. Exits with 1 on a fault, with 0 on warnings."""
    settings = load_settings()
    async with _cluster(settings) as admin:
        faults = await topics.check(admin, settings)
    for fault in faults:
        data(f"{'warning: ' if fault.weight is Weight.WARNS else ''}{fault}")
    if any(fault.weight is not Weight.WARNS for fault in faults):
        raise typer.Exit(Exit.FAILED)
    say(f"All topics fit, with {len(faults)} warnings." if faults else "All topics fit.")


@asynccontextmanager
async def _cluster(settings: Settings) -> AsyncIterator[Admin]:
    async with kafka_trouble(settings), administration(settings.kafka) as admin:
        yield admin

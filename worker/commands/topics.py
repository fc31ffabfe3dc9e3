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

app = typer.Typer(help="The topics the worker needs.", no_args_is_help=True)


@app.command("create")
@asynchronous
async def create() -> None:
    """Make the topics that are missing; those that exist are left alone, and what does not fit of them is said."""
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
    """Compare the topics with what the guarantees rest on. Exit 1 where one does not fit; mere warnings end with 0."""
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

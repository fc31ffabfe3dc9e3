"""P29: topics that others made or changed cost no record, and what is wrong with them is said before it costs any."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage
from tests.stage.topics import all_topics, configure
from tests.stage.upstream import ACME, GLOBEX, events
from tests.stage.workers import WorkerProcess
from worker import kafka
from worker.cluster import topics
from worker.cluster.topics import TopicsUnfitError
from worker.embedded import Kafka, scratch_folder
from worker.kafka.admin import administration
from worker.kafka.consumer import Consumer
from worker.kafka.limits import Limits
from worker.kafka.producer import PlainProducer
from worker.kafka.reader import reader
from worker.kafka.topic import Topic
from worker.records.message import Message
from worker.run import session
from worker.run.session import Worker
from worker.settings import Kafka as KafkaSettings
from worker.tracing.off import OFF

AUTO_CREATE = "auto.create.topics.enable=true\nnum.partitions=1\n"
COMMANDS = (
    ("topics", "check"),
    ("acls", "check"),
    ("offsets", "show"),
    ("offsets", "reset", "--to", "earliest", "--execute"),
    ("offsets", "reset", "--to", "2026-11-23T10:00:00Z", "--execute"),
    ("dlq", "list"),
    ("dlq", "replay", "--execute"),
    ("verify",),
)
MISSING = "a-topic-that-nobody-made"


@pytest.fixture(scope="module")
def making() -> Iterator[str]:
    """The address of a broker that makes each topic that somebody asks about, as Kafka does by default."""
    with scratch_folder() as folder:
        broker = Kafka.start(folder / "kafka", more=AUTO_CREATE)
        try:
            yield broker.bootstrap_servers
        finally:
            broker.kill()


@pytest.fixture
async def bare(database_url: str, making: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with plans and without topics."""
    stage = Stage(environment(database_url, making), tmp_path)
    for plans in (ACME, GLOBEX):
        await stage.apply(plans)
    try:
        yield stage
    finally:
        stage.clear()


async def test_p29_a_worker_and_commands_before_the_topics_make_none(bare: Stage) -> None:
    """The worker waits, in no group, says what is missing, and goes on by itself once somebody has made them."""
    worker = bare.start()
    await bare.until_logged(worker, "topics_unfit")
    for words in COMMANDS:
        done = await bare.command(*words)
        assert "Traceback" not in done.err, words
    lines = worker.logged("topics_unfit")
    assert {line["topic"] for line in lines} == set(topics.names(bare.settings))
    assert {(line["why"], line["todo"]) for line in lines} == {("missing", "run `salesplan topics create`")}
    assert len(lines) == 11  # each is said once, not with every try
    assert "topics" in await worker.failing()
    ours = set(topics.names(bare.settings))
    assert await all_topics(bare.settings.kafka) & ours == set()
    made = await bare.command("topics", "create")
    assert (made.code, made.err) == (0, "11 made.\n")
    await bare.until_ready(worker)
    await bare.send(islice(events(dice(101), 200), 500))
    await bare.finish()


async def test_p29_no_client_of_ours_makes_a_topic_by_asking(making: str) -> None:
    """However it asks: by subscribing, by looking for partitions, by being about to write."""
    settings = KafkaSettings(bootstrap_servers=making)
    consumer = Consumer(settings, [MISSING], {MISSING: f"dlq.{MISSING}"})
    producer = PlainProducer(settings, Limits())
    try:
        await consumer.start(lambda: None, lambda: None)
        await consumer._client._client.force_metadata_update()
        await producer.start()
        producer._client.client._request_timeout_ms = 500  # it asks again and again for as long
        with suppress(*kafka.TROUBLE):
            await producer.send([Message.of(MISSING, None, b"lead", b"{}", ())])
        async with reader(settings, "read_committed") as client:
            await client._client.set_topics([MISSING])
            await client._client.force_metadata_update()
        async with administration(settings) as admin:
            assert await admin.topics([MISSING]) == {}
            await admin._client.describe_topics([MISSING])
    finally:
        await producer.stop()
        await consumer.stop()
    assert await all_topics(settings) & {MISSING, f"dlq.{MISSING}"} == set()


async def test_p29_create_says_what_does_not_fit_of_topics_that_others_made(bare: Stage) -> None:
    """It leaves them alone, and does not claim that all is well; nor does check."""
    inputs = list(bare.settings.topics.inputs)
    async with administration(bare.settings.kafka) as admin:
        await admin.create([Topic(name, 1, 1, 1_048_588) for name in inputs])
    await configure(bare.settings.kafka, inputs[0], {"cleanup.policy": "compact"})
    made = await bare.command("topics", "create")
    assert made.code == 0
    assert len(made.out.splitlines()) == 6
    assert made.err.startswith("6 made.\n")
    assert made.err.endswith("Topics that existed were left as they are. Faults: 1, warnings: 10.\n")
    assert f"{inputs[0]}: cleanup.policy is compact, should be delete" in made.err
    assert "max.message.bytes is 1048588, should be 12582912" in made.err
    checked = await bare.command("topics", "check")
    assert checked.code == 1
    first, *others = checked.out.splitlines()
    where = f"--bootstrap-server {bare.settings.kafka.bootstrap_servers} --alter"
    assert first.endswith(
        f"; mend it: kafka-configs.sh {where} --entity-type topics --entity-name {inputs[0]}"
        " --add-config cleanup.policy=delete"
    )
    assert all(line.startswith("warning: ") for line in others)


async def test_p29_warnings_alone_end_a_check_with_0_and_stop_no_worker(bare: Stage) -> None:
    """They are said all the same, by the worker too."""
    inputs = list(bare.settings.topics.inputs)
    async with administration(bare.settings.kafka) as admin:
        await admin.create([Topic(name, 1, 1, 1_048_588) for name in inputs])
    await bare.command("topics", "create")
    checked = await bare.command("topics", "check")
    assert checked.code == 0
    assert "brokers: auto.create.topics.enable is true, should be false" in checked.out
    (worker,) = await bare.start_ready(1)
    assert len(worker.logged("topics_unfit")) == 10
    scraped = await worker.metrics()
    assert scraped.samples("salesplan_topic_faults", "effect")["warns",] == 10
    await bare.send(islice(events(dice(102), 200), 500))
    await bare.finish()


def logged(worker: WorkerProcess, count: int) -> Callable[[], Awaitable[bool]]:
    """The condition that it has told of so many faults of topics."""

    async def met() -> bool:
        return len(worker.logged("topics_unfit")) == count

    return met


async def test_p29_what_can_cost_records_stops_a_worker_until_it_is_mended(bare: Stage) -> None:
    """It reads nothing and decides nothing; then it goes on by itself. One that runs says it, and reads on."""
    await bare.command("topics", "create")
    order, settings = bare.topics["order"], bare.settings.kafka
    (made,) = [topic for topic in topics.needed(bare.settings, brokers=1) if topic.name == order]
    fits = {**made.settings, "max.message.bytes": str(made.max_message_bytes)}
    await configure(settings, order, fits | {"cleanup.policy": "compact"})
    await bare.send(islice(events(dice(112), 200), 500))
    worker = bare.start()
    await bare.until_logged(worker, "topics_unfit")
    (line,) = worker.logged("topics_unfit")
    assert (line["topic"], line["effect"]) == (order, "stops")
    assert (await worker.metrics()).samples("salesplan_topic_faults", "effect")["stops",] == 1
    await configure(settings, order, fits | {"cleanup.policy": "compact,delete"})
    await bare.until("it looks again", logged(worker, 2))
    assert not worker.logged("session")
    assert await bare.handled() == 0
    await configure(settings, order, fits)
    await bare.until_handled()
    await configure(settings, order, fits | {"retention.ms": "3600000"})
    await bare.until("the worker that runs says it", logged(worker, 3))
    assert await worker.failing() == {"topics"}
    await bare.send(islice(events(dice(113), 200), 500))
    await bare.finish()


async def test_p29_a_worker_joins_no_group_before_its_topics_fit(bare: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that subscribes to missing topics holds nothing, and takes its time to see them once they are there."""
    monkeypatch.setattr(session, "Consumer", None)  # it would be called
    worker = Worker.of(bare.settings, asyncio.Event(), OFF)
    with pytest.raises(TopicsUnfitError):
        async with session.consuming(worker):
            pass
    assert not worker.health.topics

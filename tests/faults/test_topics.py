"""P29: topics that others made or changed cost no record, and what is wrong with them is said before it costs any."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers import KafkaServer
from tests.stage.environment import dice, environment
from tests.stage.stage import BATCHES, Stage, opened
from tests.stage.topics import all_topics, configure, delete, grow
from tests.stage.upstream import ACME, GLOBEX, Event, event, events
from tests.stage.workers import WorkerProcess
from worker import kafka, run, topics
from worker.embedded import Kafka, scratch_folder
from worker.kafka.admin import Topic, administration
from worker.kafka.asking import ASKING
from worker.kafka.consumer import Consumer
from worker.kafka.limits import Limits
from worker.kafka.plain import bounds, read_all, reader
from worker.kafka.producer import PlainProducer
from worker.messages import Message
from worker.settings import Kafka as KafkaSettings
from worker.topics.watch import TopicsUnfitError
from worker.tracing import OFF

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


def test_p29_all_of_the_client_that_asks_about_topics_is_known() -> None:
    """Another release of it may ask from elsewhere, and would make topics again."""

    def asks(module: ModuleType) -> bool:
        return "MetadataRequest" in vars(module) and not module.__name__.startswith("aiokafka.protocol")

    found = {module.__name__ for name, module in sys.modules.items() if name.startswith("aiokafka") and asks(module)}
    assert found == {module.__name__ for module in ASKING}


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


async def test_p29_a_worker_joins_no_group_before_its_topics_fit(bare: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who subscribes to topics that are missing holds nothing, and takes its time to see that they are there."""
    monkeypatch.setattr(run, "Consumer", None)  # it would be called
    worker = run._Worker.of(bare.settings, asyncio.Event(), OFF)
    with pytest.raises(TopicsUnfitError):
        async with run._consuming(worker):
            pass
    assert not worker.health.topics


# Growing


@pytest.fixture
async def twelve(database_url: str, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose topics have twelve partitions, as they have by default."""
    names = environment(database_url, kafka_server.bootstrap_servers, SALESPLAN_TOPICS__PARTITIONS="12")
    async with opened(names, tmp_path) as stage:
        yield stage


async def make_anew(stage: Stage, topic: str, partitions: int) -> None:
    """Delete the topic, and make it again under its name."""
    await delete(stage.settings.kafka, topic)

    async def made() -> bool:
        async with administration(stage.settings.kafka) as admin:
            if not await admin.topics([topic]):
                await admin.create([Topic(topic, partitions, 1, 12_582_912)])
            return topic in (found := await admin.topics([topic])) and found[topic].partitions == partitions

    await stage.until("the topic is made anew", made)


async def until_shared(stage: Stage, *counts: int, workers: Sequence[WorkerProcess] = ()) -> None:
    """Until these workers, or all, hold so many partitions each, whichever of them."""

    async def shared() -> bool:
        lines = [worker.logged("sought") for worker in workers or stage.workers]
        return sorted(found[-1]["partitions"] for found in lines if found) == sorted(counts)

    await stage.until(f"workers hold {counts} partitions", shared)


async def until_failing(stage: Stage, *checks: str) -> None:
    """Until these checks of all workers fail, and no others."""

    async def failing() -> bool:
        return all([await worker.failing() == set(checks) for worker in stage.workers])

    await stage.until(f"{checks} fail", failing)


async def until_all_but(stage: Stage, waiting: int) -> None:
    """Until all records have an outcome but so many."""
    wanted = len(stage.sent) - waiting

    async def handled() -> bool:
        return await stage.handled() >= wanted

    await stage.until(f"{wanted} records have an outcome", handled)
    assert await stage.handled() == wanted


def sessions(stage: Stage) -> int:
    """How many the workers have begun."""
    return sum(len(worker.logged("session")) for worker in stage.workers)


async def test_p29_an_input_that_grows_costs_nothing_and_is_said_at_once(twelve: Stage) -> None:
    """One worker reads on, the further partitions wait, sessions begin as ever; until all topics have grown."""
    stage, kafka_settings = twelve, twelve.settings.kafka
    order, random = twelve.topics["order"], dice(103)
    narrow = set(topics.names(stage.settings)) - {order, stage.settings.topics.lead_assigned}
    workers = await stage.start_ready(2)
    await stage.send(islice(events(random, 300), 1000))
    await stage.until_handled()
    await grow(kafka_settings, 16, order)
    await until_failing(stage, "topics")
    for worker in workers:
        where = f"--bootstrap-server {kafka_settings.bootstrap_servers}"
        assert {(line["topic"], line["effect"], line["todo"]) for line in worker.logged("topics_unfit")} == {
            (name, "limits", f"kafka-topics.sh {where} --alter --topic {name} --partitions 16") for name in narrow
        }
        assert (await worker.metrics()).samples("salesplan_topic_faults", "effect")["limits",] == 9
    checked = await stage.command("topics", "check")
    assert (checked.code, len(checked.out.splitlines())) == (1, 9)

    # A lead's orders are elsewhere now than its other events: one worker has to have both.
    await until_shared(stage, 4 * 12 + 16, 0)
    await stage.send([replace(event(random, "order", f"lead-{number}"), partition=13) for number in range(50)])
    await stage.send([Event("order", b"{", b"grown", poison=True, partition=13)])
    await stage.send(islice((each for each in events(random, 300) if each.kind != "order"), 500))
    await until_all_but(stage, 51)
    before = sessions(stage)
    await stage.ask(f"select pg_terminate_backend(pid) from pg_stat_activity where {BATCHES}")  # noqa: S608 -- ours
    await stage.send(islice((each for each in events(random, 300) if each.kind != "order"), 500))
    await until_all_but(stage, 51)
    assert sessions(stage) > before

    await grow(kafka_settings, 16, *narrow)
    await until_failing(stage)
    await until_shared(stage, 40, 40)
    await stage.send(islice(events(random, 300), 1000))
    found = await stage.finish()
    (letter,) = [letter for letter in found.letters if letter.key == b"grown"]
    assert (letter.topic, letter.partition) == (f"dlq.{order}", 13)


async def test_p29_an_output_that_grows_is_followed(twelve: Stage) -> None:
    """Announcements of a lead go where its key leads by then; each is there once."""
    stage, output = twelve, twelve.settings.topics.lead_assigned
    (worker,) = await stage.start_ready(1)
    await stage.send(islice(events(dice(104), 300), 500))
    await stage.until_published()
    await grow(stage.settings.kafka, 16, output)
    random = dice(105)

    async def followed() -> bool:
        await stage.send([event(random, "order", f"late-{random.random()}") for _ in range(20)])
        ends = await bounds(stage.settings.kafka, [output])
        return any(end for (_, number), (_, end) in ends.items() if number >= 12)

    await stage.until("something is announced in the further partitions", followed)
    assert worker.logged("topics_unfit") == []  # it may have any number
    await stage.finish()


async def test_p29_an_output_made_anew_with_other_partitions_is_written_to(twelve: Stage) -> None:
    """What was announced is gone with it; what is announced from then on is not, and each worker finds its place."""
    stage, output = twelve, twelve.settings.topics.lead_assigned
    (worker,) = await stage.start_ready(1)
    await stage.send([event(dice(106), "order", f"early-{number}") for number in range(50)])
    await stage.until_handled()
    await stage.until_published()
    await make_anew(stage, output, 3)
    await stage.send([event(dice(107), "order", f"late-{number}") for number in range(50)])
    await stage.until_handled()
    await stage.until_published()
    await stage.until_ready(worker)
    announced = [record async for some in read_all(stage.settings.kafka, [output]) for record in some]
    assert len({record.partition for record in announced}) == 3
    assert {record.key for record in announced} >= {b"late-%d" % number for number in range(50)}


async def test_p29_an_input_made_anew_with_other_partitions_is_refused(twelve: Stage) -> None:
    """Its positions count in another log. After the reset that is named it is read, by one worker, as it is unequal."""
    stage, order = twelve, twelve.topics["order"]
    (worker,) = await stage.start_ready(1)
    await stage.send([event(dice(108), "order", f"early-{number}") for number in range(50)])
    await stage.until_handled()
    await make_anew(stage, order, 3)
    assert await worker.ends() == 1
    assert f"`salesplan offsets reset --to earliest --topic {order} --execute`" in worker.log.read_text()
    done = await stage.command("offsets", "reset", "--to", "earliest", "--topic", order, "--execute")
    assert done.code == 0, done
    stage.sent = []
    workers = [stage.start(), stage.start()]
    await until_shared(stage, 12 * 4 + 3, 0, workers=workers)
    await stage.send([event(dice(109), "order", f"late-{number}") for number in range(50)])

    async def assigned() -> bool:
        return await stage.number("select count(distinct lead_id) from salesplan.assignment") == 100

    await stage.until("all leads have their managers", assigned)
    assert {line["topic"] for line in workers[0].logged("topics_unfit")} == {order}


async def test_p29_a_topic_that_vanishes_is_said_and_waited_for(twelve: Stage) -> None:
    """Nobody makes it but who has the right to; the worker goes on by itself."""
    stage, letters = twelve, f"dlq.{twelve.topics['paid']}"
    (worker,) = await stage.start_ready(1)
    await delete(stage.settings.kafka, letters)
    await until_failing(stage, "topics")
    (line,) = worker.logged("topics_unfit")
    assert (line["topic"], line["effect"], line["why"]) == (letters, "stops", "missing")
    await stage.send([event(dice(110), "order", f"lead-{number}") for number in range(50)])
    await stage.until_handled()
    await stage.command("topics", "create")
    await until_failing(stage)
    await stage.send([Event("paid", b"{", b"lead-7", poison=True)])
    await stage.finish()

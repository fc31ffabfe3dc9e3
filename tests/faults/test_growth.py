"""P29: topics that grow, vanish or are made anew while workers run; no record is lost, and it is said at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import BATCHES, Stage, opened
from tests.stage.topics import delete, grow
from tests.stage.upstream import Event, event, events
from tests.stage.workers import WorkerProcess
from tests.support.servers import KafkaServer
from worker.cluster import topics
from worker.kafka.admin import administration
from worker.kafka.reader import bounds, read_all
from worker.kafka.topic import Topic


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
    """The number of sessions that the workers have begun."""
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
    """The old announcements are gone with the topic. New ones are not, and each worker finds its partition."""
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

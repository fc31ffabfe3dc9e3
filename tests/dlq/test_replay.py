"""Which letters are sent back and how, on a real Kafka; the letters are as the worker writes them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tests.support.make import ARecord, poison
from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer
from tests.support.shop import order, written
from worker.cluster.topics import create
from worker.dlq.marks import ReplayRefusedError
from worker.dlq.read import LetterFilter
from worker.dlq.replay import LetterFate, ReplayPlan, plan_replay
from worker.dlq.send import send
from worker.kafka.admin import administration
from worker.kafka.limits import Limits
from worker.kafka.producer import PlainProducer
from worker.kafka.reader import bounds, read_all
from worker.kafka.topic import Topic
from worker.kafka.writer import writer
from worker.outbox.dead_letters import dead_letter
from worker.records.message import Message
from worker.records.record import Header, Partition, Record
from worker.rules.event import Poison
from worker.settings import Settings

ODD: Sequence[Header] = (("trace", b"\xff\x00"), ("trace", None), ("trace", b""), ("\u00fc", b"x"))
FAST = 10_000


class Desk:
    """Dead letters of orders, and what is done with them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.input = next(topic for topic, kind in settings.topics.inputs.items() if kind == "order")
        self.letters = settings.topics.dead_letters(self.input)

    async def put(self, *records: ARecord, why: Poison | None = None) -> None:
        """Letters of these records, which were refused for some reason."""
        await self.send(*(dead_letter(record, why or poison(), "any") for record in records))

    async def send(self, *messages: Message) -> None:
        producer = PlainProducer(self.settings.kafka, Limits())
        await producer.start()
        await producer.send(messages)
        await producer.stop()

    def record(self, offset: int, **more: Any) -> ARecord:
        """One that was rejected once and would not be today."""
        lead = f"l{offset}"
        good = ARecord(self.input, 0, offset, lead.encode(), written(order(lead)))
        return good._replace(**more)

    async def plan(self, **more: Any) -> ReplayPlan:
        wanted = {name: more.pop(name) for name in ("since", "reason", "partition", "first", "last") if name in more}
        return await plan_replay(self.settings, LetterFilter([self.letters], **wanted), {}, **more)

    async def replay(self, **more: Any) -> ReplayPlan:
        planned = await self.plan(**more)
        assert await self.execute(planned) == len(planned.letters)
        return planned

    async def execute(self, planned: ReplayPlan, rate: int = FAST) -> int:
        return sum([count async for count in send(self.settings.kafka, planned.letters, rate=rate)])

    async def read(self, topic: str) -> list[Record]:
        return [record async for records in read_all(self.settings.kafka, [topic]) for record in records]

    async def forget(self, ends: dict[Partition, int]) -> None:
        """Delete what the topics hold before these offsets, as retention does."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap_servers)
        await admin.start()
        await admin.delete_records({TopicPartition(*place): RecordsToDelete(end) for place, end in ends.items()})
        await admin.close()


@pytest.fixture
async def desk(kafka_server: KafkaServer) -> Desk:
    settings = own_settings(kafka_server.bootstrap_servers)
    async with administration(settings.kafka) as admin:
        await create(admin, settings)
    return Desk(settings)


def fates(planned: ReplayPlan) -> Counter[LetterFate]:
    return sum(planned.fates.values(), Counter[LetterFate]())


async def test_the_record_comes_back_as_it_first_was(desk: Desk) -> None:
    """Byte for byte with one header more, on the partition that any producer chooses for its key."""
    records = [desk.record(number, partition=number % 2, headers=ODD) for number in range(6)]
    records.append(desk.record(7, partition=1, key=None))
    await desk.put(*records)
    await desk.replay()
    back = await desk.read(desk.input)
    assert sorted((record.key or b"", record.value, list(record.headers)) for record in back) == sorted(
        (
            record.key or b"",
            record.value,
            [*record.headers, ("salesplan.replay", f"{desk.input}[{record.partition}]@{record.offset}".encode())],
        )
        for record in records
    )
    async with writer(desk.settings.kafka) as upstream:
        for record in back:
            if record.key is None:
                assert record.partition == 1
            else:
                assert (await upstream.send_and_wait(desk.input, b"", record.key)).partition == record.partition


async def test_a_tombstone_and_an_empty_value_stay_what_they_are(desk: Desk) -> None:
    """They are rejected today as well, so they are sent only if that is wanted."""
    bad = [desk.record(0, value=None), desk.record(1, value=b""), desk.record(2, key=None, value=None)]
    await desk.put(*bad, desk.record(3, key=b""))
    assert fates(await desk.replay()) == {LetterFate.SEND: 1, LetterFate.REJECTED: 3}
    assert fates(await desk.replay(with_rejected=True)) == {LetterFate.SEND: 3, LetterFate.SENT: 1}
    back = {
        bytes(dict(record.headers)["salesplan.replay"] or b"")[-1:]: record for record in await desk.read(desk.input)
    }
    assert {number: (back[number].key, back[number].value) for number in (b"0", b"1", b"2")} == {
        b"0": (b"l0", None),
        b"1": (b"l1", b""),
        b"2": (None, None),
    }
    assert back[b"3"].key == b""


async def test_a_letter_without_its_value_is_not_sent_back(desk: Desk) -> None:
    """Nobody would take it for the record; not even where what would be rejected again is wanted."""
    whole = dead_letter(desk.record(3), poison(), "any")
    headers = [*whole.headers, ("__dlq.errors.value", b"15000000 bytes, more than it takes")]
    await desk.send(Message.of(desk.letters, 0, b"l3", None, headers))
    planned = await desk.plan(with_rejected=True, with_sent=True)
    assert (planned.letters, fates(planned)) == (frozenset(), Counter({LetterFate.WITHOUT_VALUE: 1}))


async def test_what_was_sent_is_not_sent_again(desk: Desk) -> None:
    """By no other choice of letters either, and not where it is behind an open transaction of upstream."""
    await desk.put(*(desk.record(number) for number in range(6)))
    servers = desk.settings.kafka.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=desk.input) as upstream:
        await upstream.begin_transaction()
        for partition in range(2):
            await upstream.send_and_wait(desk.input, b"{}", partition=partition)
        assert fates(await desk.replay(limit=2)) == {LetterFate.SEND: 2, LetterFate.BEYOND: 4}
        assert fates(await desk.replay(first=1, last=2, partition=0)) == {LetterFate.SENT: 1, LetterFate.SEND: 1}
        await upstream.abort_transaction()
    assert fates(await desk.replay()) == {LetterFate.SENT: 3, LetterFate.SEND: 3}
    assert fates(await desk.replay()) == {LetterFate.SENT: 6}
    marks = [dict(record.headers)["salesplan.replay"] for record in await desk.read(desk.input)]
    assert len(marks) == len(set(marks)) == 6
    assert fates(await desk.replay(with_sent=True, limit=1)) == {LetterFate.SEND: 1, LetterFate.BEYOND: 5}


async def test_copies_of_a_letter_are_sent_once(desk: Desk) -> None:
    """A position that is set back repeats letters."""
    await desk.put(desk.record(0), desk.record(1), desk.record(0))
    assert fates(await desk.replay()) == {LetterFate.SEND: 2, LetterFate.COPY: 1}
    assert len(await desk.read(desk.input)) == 2


async def test_what_failed_again_carries_the_mark_of_its_last_origin(desk: Desk) -> None:
    """And no headers of its earlier letters."""
    first = dead_letter(desk.record(3, headers=ODD), poison(), "any").headers
    await desk.put(desk.record(9, headers=[("salesplan.replay", b"order[0]@3"), *first]))
    await desk.replay()
    (back,) = await desk.read(desk.input)
    assert list(back.headers) == [*ODD, ("salesplan.replay", f"{desk.input}[0]@9".encode())]


async def test_letters_of_others_are_left_alone(desk: Desk) -> None:
    """Those of Connect and Streams, of topics that are no inputs, of other inputs, and what says nothing."""
    record = desk.record(0)
    other = next(topic for topic in desk.settings.topics.inputs if topic != desk.input)
    await desk.send(
        Message.of(desk.letters, 0, b"k", record.value, [("__connect.errors.topic", desk.input.encode())]),
        Message.of(desk.letters, 0, b"k", record.value, []),
        dead_letter(record._replace(topic="no-input"), poison(), "any")._replace(topic=desk.letters),
        dead_letter(record._replace(topic=other), poison(), "any")._replace(topic=desk.letters),
    )
    assert fates(await desk.plan(with_rejected=True)) == {LetterFate.FOREIGN: 4}


async def test_letters_are_chosen_by_reason_time_and_offset(desk: Desk) -> None:
    """The oldest where there is a limit."""
    await desk.put(desk.record(0))
    await desk.put(desk.record(1), why=Poison("too_large", "value: larger than 9 bytes; send less", "ValueError"))
    await desk.put(desk.record(2, partition=1))
    first, second, third = sorted(await desk.read(desk.letters), key=lambda record: record.timestamp)

    async def chosen(**more: Any) -> set[tuple[int, int]]:
        return {place[1:] for place in (await desk.plan(**more)).letters}

    assert await chosen(reason="LARGER than 9") == {(0, 1)}
    assert await chosen(reason="ValueError: value: not JSON") == {(0, 0), (1, 0)}
    assert await chosen(reason="send less") == set()
    assert await chosen(since=datetime.fromtimestamp(second.timestamp / 1000, UTC)) == {(0, 1), (1, 0)}
    assert await chosen(since=datetime(2999, 1, 1, tzinfo=UTC)) == set()
    assert await chosen(partition=0, last=0) == {(0, 0)}
    assert await chosen(partition=0, first=1) == {(0, 1)}
    assert await chosen(limit=2) == {(0, 0), (0, 1)}
    assert first.timestamp < second.timestamp < third.timestamp


async def test_no_more_than_so_many_are_sent_per_second(desk: Desk) -> None:
    """The first ones at once."""
    await desk.put(*(desk.record(number, partition=number % 2) for number in range(5)))
    planned = await desk.plan()
    now = asyncio.get_running_loop().time
    sent: list[tuple[int, float]] = []
    async for count in send(desk.settings.kafka, planned.letters, rate=2):
        sent.append((count, now()))  # noqa: PERF401 -- at its time
    assert [count for count, _ in sent] == [2, 2, 1]
    assert [sent[number][1] - sent[0][1] > number - 0.5 for number in (1, 2)] == [True, True]


async def test_letters_older_than_what_their_input_holds_are_told(desk: Desk) -> None:
    """The inputs no longer hold the records that were sent back, and nobody can know about them."""
    await desk.put(desk.record(0), desk.record(1))
    await desk.replay()
    assert (await desk.plan(with_sent=True)).beyond_input == 0
    await desk.forget({place: end for place, (_, end) in (await bounds(desk.settings.kafka, [desk.input])).items()})
    again = await desk.plan()
    assert (len(again.letters), again.beyond_input) == (2, 2)
    async with writer(desk.settings.kafka) as upstream:
        for partition in range(2):
            await upstream.send_and_wait(desk.input, b"{}", partition=partition)
    assert (await desk.plan()).beyond_input == 2
    await desk.put(desk.record(5))
    assert (await desk.plan(partition=0, first=2)).beyond_input == 0


async def test_an_input_that_is_not_there_is_named(desk: Desk) -> None:
    """Before anything is sent."""
    topics = desk.settings.topics.model_copy(update={"order": f"{desk.input}-gone"})
    gone = Desk(desk.settings.model_copy(update={"topics": topics}))
    async with administration(desk.settings.kafka) as admin:
        await admin.create([Topic(gone.letters, 1, 1, 1_048_576)])
    await gone.put(gone.record(0))
    with pytest.raises(ReplayRefusedError, match="-gone: not in the cluster; run `salesplan topics create`"):
        await gone.plan()

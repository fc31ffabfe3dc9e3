"""The checker reads the inputs again: what they hold besides records of events, and what they no longer hold."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.stage.topics import configure
from tests.support.make import NOON, contact
from tests.support.odd_name import send_odd_name
from tests.support.shop import POISON, Shop, lead, order, written
from tests.verify.clone import reported
from tests.verify.records import copy, delete, first, moved, transaction
from worker.kafka.reader import bounds
from worker.verify import Report, verify

POSITION = "update salesplan.position set {} where topic = $1 and partition = 0"


async def broken(shop: Shop, change: str, topic: str) -> set[str]:
    """The report after a change of the position of the topic's first partition."""
    await shop.connection.execute(POSITION.format(change), topic)
    return reported(await verify(shop.settings))


def examples(report: Report) -> str:
    return " | ".join(example for found in report.violations for example in found.examples)


async def end_of(shop: Shop, topic: str) -> int:
    """The end of its first partition."""
    return (await bounds(shop.settings.kafka, [topic]))[topic, 0][1]


async def test_markers_and_aborted_records_have_no_outcome(shop: Shop) -> None:
    """They are offsets without a record; an outcome for one of them is reported."""
    topic = shop.settings.topics.subscription
    async with transaction(shop, topic, value=written(lead("a1")), partition=0):
        pass
    async with transaction(shop, topic, value=written(lead("a2")), partition=0) as producer:
        await producer.commit_transaction()
    await shop.send(topic, {"value": written(lead("a3")), "partition": 0})
    await shop.read_on()
    report = await verify(shop.settings)
    assert report.violations == ()
    assert report.skipped == 3
    assert await broken(shop, "skipped = skipped - 1, already_assigned = already_assigned + 1", topic) == {"records"}


async def test_what_is_written_while_the_checker_reads_is_not_judged(shop: Shop) -> None:
    """Records at or behind the position."""
    await shop.send(shop.settings.topics.order, {"value": b"{", "partition": 0}, {"value": written(order("z1"))})
    report = await verify(shop.settings)
    assert (report.violations, report.lag) == ((), 2)


async def test_a_record_that_the_database_refused_is_a_dead_letter_like_any(shop: Shop) -> None:
    """A lead or a contact: the letter says so, though the record is good; also while it is pending."""
    await shop.refuse(order("r1"))
    await shop.refuse(contact("r2", "anna"), "DataError")
    assert (await verify(shop.settings)).violations == ()
    await shop.publish()
    assert (await verify(shop.settings)).violations == ()
    assert await broken(
        shop, "dead_lettered = dead_lettered - 1, already_assigned = 1", shop.settings.topics.manager_contact
    ) == {"dead_letters", "input_outcomes"}


async def test_a_good_record_that_was_taken_for_poison_is_reported(shop: Shop) -> None:
    """Its letter does not say that the database refused it."""
    await shop.write(order("r0"))
    await shop.refuse(order("r1"), "ValueError")
    await shop.publish()
    report = await verify(shop.settings)
    assert reported(report) == {"letter_origins", "input_outcomes", "lead_missing"}
    assert "the record is good" in examples(report)
    assert "lead r1 is not in acme/second" in examples(report)


@pytest.mark.parametrize("part", ["key", "value", "headers"])
async def test_a_dead_letter_that_is_not_as_the_record_came_is_reported(shop: Shop, part: str) -> None:
    """Byte for byte: key, value, and the headers before ours."""
    topic, _, _ = shop.poison[0]
    await shop.publish()
    letters = f"dlq.{topic}"
    record = await first(shop, letters)
    other = {"key": b"other", "value": b"other", "headers": [("more", b"1"), *record.headers]}
    await delete(shop, letters)
    await shop.send(letters, copy(record, **{part: other[part]}))
    report = await verify(shop.settings)
    assert reported(report) == {"letter_origins"}
    assert "the letter has another key, value or headers" in examples(report)


async def test_a_dead_letter_of_an_offset_without_a_record_is_reported(shop: Shop) -> None:
    """A marker is none."""
    topic = shop.settings.topics.order
    async with transaction(shop, topic, value=written(order("a1")), partition=0):
        pass
    await shop.send(topic, {"value": written(order("a3")), "partition": 0})
    await shop.read_on()
    end = await end_of(shop, topic)
    record = await first(shop, f"dlq.{topic}")
    await shop.send(f"dlq.{topic}", copy(record, headers=moved(record, partition="0", offset=str(end - 2))))
    report = await verify(shop.settings)
    assert reported(report) == {"letter_origins", "dead_letters"}
    assert "there is no such record" in examples(report)


async def test_records_that_are_not_retained_are_not_missed(shop: Shop) -> None:
    """A note says so; what came later is judged all the same, and the rest as far as that goes."""
    topics = shop.settings.topics
    await delete(shop, *topics.inputs)
    report = await verify(shop.settings)
    assert report.violations == ()
    assert f"{topics.subscription}[0] begins at" in report.notes[0]
    assert "were not read again" in report.notes[1]

    await shop.write(lead("late"), lead("later"), POISON, contact("late", "anna"), lead("l1", "nowhere"))
    assert (await verify(shop.settings)).violations == ()
    await shop.connection.execute("delete from salesplan.outbox; delete from salesplan.contact")
    assert {"letter_missing", "contacts"} < reported(await verify(shop.settings))
    gone = "skipped = skipped + assigned + waiting + already_assigned + no_match, assigned = 0, waiting = 0"
    gone += ", already_assigned = 0, no_match = 0"
    assert "records" in await broken(shop, gone, topics.subscription)


async def test_dead_letters_that_may_be_gone_are_not_missed(shop: Shop) -> None:
    """Those of records older than the oldest letter there is, and a day; where senders date the letters."""
    letters = f"dlq.{shop.poison[0][0]}"
    await shop.publish()
    record = await first(shop, letters)
    await delete(shop, letters)
    assert (await verify(shop.settings)).violations == ()
    await configure(shop.settings.kafka, letters, {"message.timestamp.type": "CreateTime"})

    now = datetime.fromtimestamp(record.timestamp / 1000, tz=NOON.tzinfo)
    days_ago = int((now - timedelta(days=2)).timestamp() * 1000)
    for partition in range(2):
        headers = moved(record, group="other", offset=str(partition))
        await shop.send(letters, copy(record, headers=headers, partition=partition, timestamp_ms=days_ago))
    report = await verify(shop.settings)
    assert reported(report) == {"letter_missing"}
    assert report.violations[0].count == len(shop.poison)


async def test_a_record_that_the_client_cannot_unpack_is_noted(shop: Shop) -> None:
    """The records before it in the same partition are judged, those after it are not."""
    topic = shop.settings.topics.subscription
    end = await end_of(shop, topic)
    await send_odd_name(shop.settings.kafka, topic)
    report = await verify(shop.settings)
    assert (report.violations, report.notes) == ((), ())  # it was not read yet

    await shop.connection.execute(POSITION.format("next_offset = next_offset + 1, skipped = skipped + 1"), topic)
    report = await verify(shop.settings)
    assert report.violations == ()
    assert f"{topic}[0] from offset {end}" in report.notes[0]
    assert await broken(shop, "skipped = skipped + already_assigned, already_assigned = 0", topic) == {"records"}


async def test_compacted_inputs_are_not_read_again(shop: Shop) -> None:
    """Any record of such an input may be gone."""
    topic = shop.settings.topics.subscription
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap_servers)
    await admin.start()
    wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": "compact"})
    await admin.alter_configs([wanted])
    await admin.close()
    await shop.connection.execute(POSITION.format("skipped = 1, already_assigned = already_assigned - 1"), topic)
    report = await verify(shop.settings)
    assert report.violations == ()
    assert report.notes[0].endswith(f"{topic}[0], {topic}[1]")


async def test_topics_that_are_no_inputs_any_more_are_not_read_again(shop: Shop) -> None:
    """Nobody knows by then what their records say."""
    topics = shop.settings.topics.model_copy(update={"manager_contact": "renamed", "order": "renamed-too"})
    report = await verify(shop.settings.model_copy(update={"topics": topics}))
    assert report.violations == ()
    assert report.notes[0].startswith("3 partitions that were read")

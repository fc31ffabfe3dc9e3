"""The checker reports exactly what is broken: here on the dead-letter topics, each test with topics of its own."""

from __future__ import annotations

import pytest

from tests.support.shop import Shop
from tests.verify.clone import reported
from tests.verify.records import changed_header, copy, delete, first, moved, transaction
from worker.verify import verify


async def test_a_dead_letter_sent_again_is_reported(shop: Shop) -> None:
    """Once for each record, as with assignments."""
    letters = f"dlq.{shop.poison[0][0]}"
    await shop.send(letters, copy(await first(shop, letters)))
    report = await verify(shop.settings)
    assert reported(report) == {"letter_repeated"}
    assert report.duplicates == 1


async def test_an_aborted_dead_letter_with_other_bytes_is_reported(shop: Shop) -> None:
    """With the same ones it is not."""
    letters = f"dlq.{shop.poison[0][0]}"
    record = await first(shop, letters)
    async with transaction(shop, letters, **copy(record)):
        pass
    assert reported(await verify(shop.settings)) == set()
    async with transaction(shop, letters, **copy(record, value=b"other")):
        pass
    assert reported(await verify(shop.settings)) == {"letter_copies"}


async def test_a_dead_letter_of_a_record_not_dealt_with_is_reported(shop: Shop) -> None:
    """Its offset is behind the position."""
    letters = f"dlq.{shop.poison[0][0]}"
    record = await first(shop, letters)
    headers = changed_header(record, "__dlq.errors.offset", b"1000")
    await shop.send(letters, copy(record, headers=headers))
    assert reported(await verify(shop.settings)) == {"letter_strangers"}


async def test_a_dead_letter_of_a_good_record_is_reported(shop: Shop) -> None:
    """It has two outcomes, and there are more letters than were counted; nor has it the letter's bytes."""
    topic, partition, _ = shop.poison[0]
    [source] = await shop.connection.fetch(
        "select source_offset from salesplan.assignment where source_topic = $1 and source_partition = $2 limit 1",
        topic,
        partition,
    )
    record = await first(shop, f"dlq.{topic}")
    headers = moved(record, partition=str(partition), offset=str(source["source_offset"]))
    await shop.send(f"dlq.{topic}", copy(record, headers=headers))
    assert reported(await verify(shop.settings)) == {"two_fates", "dead_letters", "letter_origins"}


async def test_a_letter_without_its_value_tells_the_size_that_its_record_has(shop: Shop) -> None:
    """Then it may lack the rest of the record too; with another size it is of another record."""
    letters = f"dlq.{shop.poison[0][0]}"
    record = await first(shop, letters)
    size = len(record.value or b"")
    await delete(shop, letters)
    right = [*record.headers, ("__dlq.errors.value", b"%d bytes, more than it takes" % size)]
    await shop.send(letters, copy(record, key=b"", value=None, headers=right))
    assert reported(await verify(shop.settings)) == set()
    await delete(shop, letters)
    wrong = [*record.headers, ("__dlq.errors.value", b"%d bytes, more than it takes" % (size + 1))]
    await shop.send(letters, copy(record, key=b"", value=None, headers=wrong))
    assert reported(await verify(shop.settings)) == {"letter_origins"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("topic", b"elsewhere"), ("topic", b"\xff"), ("partition", b"x"), ("offset", b""), ("offset", b"-1")],
)
async def test_a_dead_letter_that_does_not_say_where_from_is_reported(shop: Shop, name: str, value: bytes) -> None:
    """Or says it wrongly."""
    letters = f"dlq.{shop.poison[0][0]}"
    record = await first(shop, letters)
    await shop.send(letters, copy(record, headers=changed_header(record, f"__dlq.errors.{name}", value)))
    assert reported(await verify(shop.settings)) == {"unreadable"}

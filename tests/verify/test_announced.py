"""The checker reports exactly what is broken: here on the output topic, each test with topics of its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.support.make import NOON, contact
from tests.support.shop import POISON, Shop, lead, order
from tests.verify.clone import reported
from tests.verify.records import changed_header, changed_value, copy, delete, first, transaction
from worker.publish.publisher import open_publisher
from worker.records.record import Record
from worker.verify import check, verify
from worker.verify.wire import announced


async def test_a_message_sent_again_is_reported(shop: Shop) -> None:
    """Also as a duplicate in the figures."""
    await shop.send(shop.output, copy(await first(shop, shop.output)))
    report = await verify(shop.settings)
    assert reported(report) == {"repeated"}
    assert (report.duplicates, report.published) == (1, 20)


async def test_a_message_sent_again_with_another_value_is_reported(shop: Shop) -> None:
    """The message is reported as repeated, as other bytes, and as disagreeing with the ledger."""
    record = await first(shop, shop.output)
    await shop.send(shop.output, copy(record, value=changed_value(record, manager_id="zed")))
    assert reported(await verify(shop.settings)) == {"repeated", "copies", "disagreeing"}


async def test_an_aborted_copy_is_no_violation(shop: Shop) -> None:
    """A read_uncommitted reader may see a message twice."""
    async with transaction(shop, shop.output, **copy(await first(shop, shop.output))):
        pass
    report = await verify(shop.settings)
    assert (report.violations, report.duplicates) == ((), 0)


@pytest.mark.parametrize("part", ["key", "value", "headers"])
async def test_an_aborted_copy_with_other_bytes_is_reported(shop: Shop, part: str) -> None:
    """No committed reader sees it, and yet it must be the same."""
    record = await first(shop, shop.output)
    headers = [*record.headers, ("traceparent", b"other")]
    other = {"key": b"other", "value": changed_value(record, more=1), "headers": headers}
    async with transaction(shop, shop.output, **copy(record, **{part: other[part]})):
        pass
    assert reported(await verify(shop.settings)) == {"copies"} | ({"unreadable"} if part == "key" else set())


async def test_a_message_without_an_assignment_is_reported(shop: Shop) -> None:
    """Also one that was aborted: nothing is sent that is not committed."""
    record = await first(shop, shop.output)
    event_id = str(uuid4())
    stranger = copy(
        record,
        value=changed_value(record, event_id=event_id),
        headers=changed_header(record, "ce_id", event_id.encode()),
    )
    async with transaction(shop, shop.output, **stranger) as producer:
        await producer.abort_transaction()
    report = await verify(shop.settings)
    assert reported(report) == {"strangers"}
    assert event_id in report.violations[0].examples[0]

    await shop.send(shop.output, stranger)
    report = await verify(shop.settings)
    assert reported(report) == {"strangers"}
    assert report.violations[0].count == 2


NO_MESSAGES = [None, b"", b"{", b"[]", b"{}", b'{"event_id": "x"}', b"\xff", b"\x00"]


async def test_what_is_no_message_is_reported(shop: Shop) -> None:
    """Whatever the bytes: the checker reads on."""
    values = [*NO_MESSAGES, changed_value(await first(shop, shop.output), plan_seq=2**70)]
    await shop.send(shop.output, *({"key": b"k", "value": value, "partition": 0} for value in values))
    report = await verify(shop.settings)
    assert reported(report) == {"unreadable"}
    assert report.violations[0].count == len(values)


async def test_a_value_that_postgres_cannot_keep_is_reported(shop: Shop) -> None:
    """NUL in a name."""
    record = await first(shop, shop.output)
    plan = {**json.loads(record.value or b"")["plan"], "name": "a\0b"}
    await shop.send(shop.output, copy(record, value=changed_value(record, plan=plan)))
    assert reported(await verify(shop.settings)) == {"repeated", "copies", "disagreeing"}


HEADERS = ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"]


@pytest.mark.parametrize("name", [*HEADERS, "key"])
async def test_each_header_must_agree_with_the_value(shop: Shop, name: str) -> None:
    """And so must the key."""
    record = await first(shop, shop.output)
    change: dict[str, Any] = {"headers": changed_header(record, name, b"other")} if name != "key" else {"key": b"other"}
    wrong = announced(("committed", "t", 0, 0), Changed(record, **change), NOON)
    right = announced(("committed", "t", 0, 0), record, NOON)
    assert right[5] is None
    assert wrong[5] == f"its {name} does not agree with its value"


class Changed:
    """A record with another key or other headers."""

    def __init__(self, record: Record, **changes: Any) -> None:
        self.key = changes.get("key", record.key)
        self.value = record.value
        self.headers = changes.get("headers", record.headers)


async def test_messages_no_longer_retained_are_not_missed(shop: Shop) -> None:
    """Older ones: a note says so. One that is newer than the oldest that is retained is missed all the same."""
    letters = f"dlq.{shop.poison[0][0]}"
    await delete(shop, shop.output, letters)
    await shop.publish()
    report = await verify(shop.settings)
    assert report.violations == ()
    assert "no longer begin at their first record" in report.notes[0]
    assert report.published == 1

    await shop.connection.execute(
        "update salesplan.assignment set event_id = uuidv7(), assigned_at = assigned_at + interval '2 days'"
        " where lead_id = 'l7'"
    )
    await shop.write(*(lead(f"more{number}") for number in range(12)))
    await shop.publish()  # no partition is empty now
    report = await verify(shop.settings)
    assert reported(report) == {"unpublished"}
    assert "lead l7" in report.violations[0].examples[0]


async def test_rows_just_published_may_linger_in_the_outbox(shop: Shop) -> None:
    """They are deleted with the next batch, or when the lease is renewed."""
    assert shop.slot is not None
    async with open_publisher(
        shop.settings.kafka, shop.pool, shop.slot, shop.output, shop.measurements.record_messages, limits=shop.limits
    ):
        pass
    report = await verify(shop.settings)
    assert (report.violations, report.pending) == ((), 0)


async def test_an_open_transaction_is_waited_for(shop: Shop) -> None:
    """Behind it read_committed readers don't see yet what is published."""
    async with transaction(shop, shop.output, **copy(await first(shop, shop.output))):
        await shop.publish()
        checking = asyncio.create_task(verify(shop.settings))
        done, _ = await asyncio.wait({checking}, timeout=2)
        assert not done
    assert (await checking).violations == ()


async def test_a_transaction_that_stays_open_is_reported(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds back every read_committed reader."""
    monkeypatch.setattr(check, "PATIENCE", 0.5)
    async with transaction(shop, shop.output, **copy(await first(shop, shop.output))):
        report = await verify(shop.settings)
    assert [found.message for found in report.violations if found.count == 1] == [
        "an open transaction has held read_committed readers back for more than 0 s"
    ]


async def test_it_is_right_while_a_worker_works(shop: Shop) -> None:
    """Batches with every outcome are written and published all the while; plans change too."""

    async def work() -> None:
        for number in range(12):
            await shop.pause("second", "hugo", paused=number % 2 == 0)
            leads = [lead(f"{number}.{place}") for place in range(10)]
            waiting = [lead(f"{number}.{place}", "bot") for place in range(3)]
            await shop.write(*leads, *waiting, order(f"{number}.1"), contact(f"{number}.2", "irma"), POISON)
            await shop.publish()

    working = asyncio.create_task(work())
    seen = set()
    while not working.done():
        report = await verify(shop.settings)
        assert report.violations == ()
        seen.add(report.assignments)
    await working
    assert len(seen) > 3

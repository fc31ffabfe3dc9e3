"""A letter tells this about itself, from any writer and with any content."""

from __future__ import annotations

import pytest

from tests.support.make import ARecord, poison
from worker.dlq.letter import Coordinates, Letter, Writer, read_letter
from worker.outbox.dead_letters import dead_letter
from worker.records.record import Header
from worker.rules.event import Poison

ORIGIN = ARecord("order", 3, 90817, b"l-77", b"{", headers=[("trace", b"\xff")])


def letter(*headers: Header) -> Letter:
    return read_letter(ARecord("dlq.order", 3, 17, headers=headers))


def ours(message: str) -> Letter:
    why = Poison("invalid", message, "ValidationError")
    return letter(*dead_letter(ORIGIN, why, "salesplan").headers)


def test_ours_tells_where_from_and_why() -> None:
    """Read back from what the worker writes."""
    found = letter(*dead_letter(ORIGIN, poison(), "salesplan").headers)
    assert found[1:] == (
        Writer.DLQ,
        Coordinates("order", 3, 90817),
        "salesplan",
        "ValueError",
        "value: not JSON; send one JSON object",
        "",
    )
    assert str(found.coordinates) == "dlq.order[3]@17"


def test_the_newest_of_several_tells_of_a_value_left_out() -> None:
    """A letter that was sent back and came again whole has the header of the first."""
    told = (
        "__dlq.errors.value",
        b"7 bytes, more than dlq.order takes with the rest; the record lies in order[3]@90817",
    )
    first = [*dead_letter(ORIGIN, poison(), "salesplan").headers, told]
    without = read_letter(ARecord("dlq.order", 3, 17, value=None, headers=first))
    assert without.value_left_out == told[1].decode()
    again = dead_letter(ARecord("order", 3, 90818, value=b"{", headers=first), poison(), "salesplan")
    assert read_letter(ARecord("dlq.order", 3, 18, value=b"{", headers=again.headers)).value_left_out == ""


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("value: not JSON at line 1 column 5; send one JSON object", "value: not JSON"),
        ("lead_id: missing; send a string of 1 to 128 printable characters", "lead_id: missing"),
        ("lead_id: missing; send a string | amount: not an object; send 2", "lead_id: missing | amount: not an object"),
        ("value: refused by the database (23505); see its log", "value: refused by the database (23505)"),
    ],
)
def test_the_reason_is_the_same_for_all_with_the_same_wrong(message: str, reason: str) -> None:
    """No place in a payload, and no remedy, which the message names too."""
    assert ours(message).reason == reason


def test_those_of_connect_and_streams_are_read_too() -> None:
    """Their messages quote payloads: they are no reason to group by."""
    connect = letter(
        ("__connect.errors.topic", b"order"),
        ("__connect.errors.partition", b"1"),
        ("__connect.errors.offset", b"5"),
        ("__connect.errors.exception.class.name", b"org.apache.kafka.connect.errors.DataException"),
        ("__connect.errors.exception.message", b"Unrecognized token 'secret'"),
    )
    assert connect.origin == Coordinates("order", 1, 5)
    assert (connect.exception, connect.reason) == (
        "org.apache.kafka.connect.errors.DataException",
        "written by Kafka Connect",
    )
    assert connect.message == "Unrecognized token 'secret'"
    streams = letter(
        ("__streams.errors.topic", b"order"),
        ("__streams.errors.partition", b"1"),
        ("__streams.errors.offset", b"6"),
        ("__streams.errors.exception", b"java.lang.NullPointerException"),
        ("__streams.errors.message", b"secret"),
    )
    assert streams.origin == Coordinates("order", 1, 6)
    assert (streams.exception, streams.reason) == ("java.lang.NullPointerException", "written by Kafka Streams")


def test_ours_win_and_of_two_alike_the_later() -> None:
    """The record had been through other hands, and came back from a dead-letter topic."""
    old = dead_letter(ARecord("order", 0, 1, headers=[("__connect.errors.topic", b"x")]), poison(), "old").headers
    found = letter(*dead_letter(ARecord("order", 3, 2, headers=old), poison(), "new").headers)
    assert (found.writer, found.origin, found.group) == (Writer.DLQ, Coordinates("order", 3, 2), "new")


@pytest.mark.parametrize("offset", [b"", None, b"x", b"\xff", b"9" * 5000])
def test_an_origin_that_can_not_be_read_is_none(offset: bytes | None) -> None:
    """Whatever the headers hold, nothing is raised."""
    found = letter(("__dlq.errors.topic", b"order"), ("__dlq.errors.partition", b"1"), ("__dlq.errors.offset", offset))
    assert (found.writer, found.origin) == (Writer.DLQ, None)


def test_a_record_without_any_of_these_headers_is_a_letter_too() -> None:
    """It does not say why."""
    assert letter(("trace", b"1"))[1:] == (Writer.UNKNOWN, None, "", "", "", "")

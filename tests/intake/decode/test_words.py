"""A dead letter names the field and the fix, and never a word of the payload."""

import json

import pytest

from contracts.inbound import INBOUND
from tests.intake.decode.orders import ORDER, order_spelt, order_with, order_without, read
from tests.support.examples import example
from worker.intake.decode import decode
from worker.rules.event import Poison

MARKER = "m4rk3r"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "value: null (a tombstone); send a JSON object"),
        (b"", "value: empty; send a JSON object"),
        (b"[]", "value: not an object; send a JSON object"),
        (b"{", "value: not JSON at line 1 column 1; send one JSON object"),
        (
            b'{"a":1,"a":2}',
            "value: a key appears twice in one object at line 1 column 12; send each key once",
        ),
        (order_spelt("lead_id", r'"\ud83d"').replace(b"\n", b""), None),
        (order_without("lead_id"), "lead_id: missing; send a string of 1 to 128 printable characters"),
        (order_with(lead_id=7), "lead_id: not a string; send a string of 1 to 128 printable characters"),
        (
            order_with(amount=7),
            'amount: not an object; send an object like {"amount": "149.00", "currency": "USD"}',
        ),
        (
            order_with(amount={"amount": "1", "currency": "usd"}),
            'amount.currency: not in the form that is wanted; send three capital letters (ISO 4217), like "USD"',
        ),
        (
            order_with(lead_id="", order_id=None),
            "lead_id: too short; send a string of 1 to 128 printable characters | "
            "order_id: not a string; send a string of 1 to 128 printable characters",
        ),
    ],
)
def test_message_names_the_field_and_the_fix(value: bytes | None, message: str | None) -> None:
    poison = read(value)
    assert isinstance(poison, Poison)
    if message:
        assert poison.message == message
    else:
        assert poison.message.startswith("value: half of a surrogate pair at line 1 column ")


def test_too_large_tells_the_limit() -> None:
    poison = decode("order", ORDER, max_bytes=10)
    assert poison == Poison("too_large", "value: larger than 10 bytes; send less", "ValueError")


def test_golden_dead_letter_is_what_decode_says() -> None:
    headers = example("dead-letter-headers")
    poison = read(order_without("lead_id"))
    assert isinstance(poison, Poison)
    assert headers["__dlq.errors.message"] == poison.message
    assert headers["__dlq.errors.exception"] == poison.exception


SPOILT: tuple[object, ...] = (
    MARKER + "\0",
    {MARKER: MARKER},
    [MARKER],
    {"amount": MARKER, "currency": MARKER, MARKER: 1},
)
UNREADABLE = (
    f'{{"{MARKER}":1,"{MARKER}":2}}',
    f'{{"{MARKER} at line 1 column 2":1,"{MARKER} at line 1 column 2":2}}',
    f'{{" at line 1 {MARKER}":1," at line 1 {MARKER}":2}}',
    f'{{"{MARKER}',
    f"{{{MARKER}:1}}",
    f'"{MARKER}"',
    f'["{MARKER}"]',
    f'{{"{MARKER}": "\\ud800"}}',
    f'{{"{MARKER}": {MARKER}}}',
)


def marked_values() -> list[tuple[str, bytes]]:
    """Every field of every kind spoilt with a marker, as text, key or list; broken JSON around one."""
    spoilt = [
        (kind, json.dumps(example(kind) | {field: bad, MARKER: MARKER}).encode())
        for kind in INBOUND
        for field in [*example(kind), "unknown"]
        for bad in SPOILT
    ]
    return spoilt + [(kind, raw.encode()) for kind in INBOUND for raw in UNREADABLE]


def test_message_holds_nothing_of_the_payload() -> None:
    poison = [read(value, kind) for kind, value in marked_values()]
    found = [event for event in poison if isinstance(event, Poison)]
    assert len(found) > len(poison) * 3 // 4
    assert [event for event in found if MARKER in "".join(event)] == []


def test_a_place_that_is_none_of_ours_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a place ever come from the payload, it stays out of the message."""
    monkeypatch.setattr("worker.intake.decode._RULES", {})
    poison = read(order_without("lead_id"))
    assert poison == Poison("invalid", "value: not as the schema says", "ValidationError")

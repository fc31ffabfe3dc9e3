"""Orders, golden and spoilt, and what the decoder makes of them."""

import json
from uuid import UUID

from tests.support.examples import example, example_bytes
from worker.intake.decode import decode
from worker.rules.event import Event

MAX_BYTES = 1_000_000
ORDER = example_bytes("order")
EVENT_ID = UUID("01a207d9-207f-7b52-9d41-3c6f7a10e5b2")


def read(value: bytes | None, kind: str = "order") -> Event:
    return decode(kind, value, max_bytes=MAX_BYTES)


def order_with(**fields: object) -> bytes:
    return json.dumps(example("order") | fields).encode()


def order_and(raw: str | bytes) -> bytes:
    """The golden order with `raw` members put in front, exactly as spelt here."""
    raw = raw.encode() if isinstance(raw, str) else raw
    return b"{" + raw + b"," + ORDER.strip().removeprefix(b"{")


def order_spelt(field: str, raw: str | bytes) -> bytes:
    """The golden order with the value of one field exactly as spelt here."""
    raw = raw.encode() if isinstance(raw, str) else raw
    return order_with(**{field: "@"}).replace(b'"@"', raw)


def order_without(field: str) -> bytes:
    return json.dumps({key: value for key, value in example("order").items() if key != field}).encode()

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


POISON: dict[str, tuple[str, bytes | None]] = (
    {
        "tombstone": ("tombstone", None),
        "empty": ("empty", b""),
        "one byte too long": ("too_large", ORDER + b" " * (MAX_BYTES - len(ORDER) + 1)),
        "5 MB": ("too_large", order_and('"new": "' + "x" * 5_000_000 + '"')),
        "blanks only": ("not_json", b" \n"),
        "text": ("not_json", b"hello"),
        "cut off": ("not_json", ORDER[:-5]),
        "cut off in an escape": ("not_json", rb'{"lead_id": "\u12'),
        "a trailing comma": ("not_json", b'{"a": 1,}'),
        "single quotes": ("not_json", b"{'a': 1}"),
        "a comment": ("not_json", ORDER.replace(b"{", b"{/* */", 1)),
        "a bare line break in text": ("not_json", order_and('"new": "a\nb"')),
        "a leading zero": ("not_json", order_and('"new": 01')),
        "something after it": ("not_json", ORDER + b"x"),
        "NUL after it": ("not_json", ORDER + b"\0"),
        "two objects": ("not_json", ORDER + ORDER),
        "UTF-8 BOM": ("not_json", b"\xef\xbb\xbf" + ORDER),
        "UTF-16": ("not_json", ORDER.decode().encode("utf-16")),
        "UTF-16 without BOM": ("not_json", ORDER.decode().encode("utf-16-le")),
        "Latin-1": ("not_json", order_spelt("lead_id", b'"\xe9"')),
        "overlong UTF-8": ("not_json", order_spelt("lead_id", b'"\xc0\x80"')),
        "beyond Unicode": ("not_json", order_spelt("lead_id", b'"\xf4\x90\x80\x80"')),
        "invalid UTF-8 in an unknown field": ("not_json", order_and(b'"new": "\xff"')),
        "invalid UTF-8 in an unknown key": ("not_json", order_and(b'"\xff": 1')),
        "registry magic bytes": ("not_json", b"\0\0\0\0\7" + ORDER),
        "gzip": ("not_json", b"\x1f\x8b\x08\0"),
        "lone surrogate, raw": ("not_json", order_spelt("lead_id", b'"\xed\xa0\x80"')),
        "lone high surrogate, escaped": ("not_json", order_spelt("lead_id", r'"\ud83d"')),
        "lone low surrogate, escaped": ("not_json", order_spelt("lead_id", r'"\ude00"')),
        "surrogates the wrong way round": ("not_json", order_spelt("lead_id", r'"\ude00\ud83d"')),
        "half a pair and a letter": ("not_json", order_spelt("lead_id", r'"\ud83d\u0041"')),
        "lone surrogate in an unknown field": ("not_json", order_and(r'"new": "\ud83d"')),
        "lone surrogate in an unknown key": ("not_json", order_and(r'"\ud83d": 1')),
        "NaN": ("not_json", order_spelt("amount", "NaN")),
        "NaN in an unknown field": ("not_json", order_and('"new": [NaN]')),
        "Infinity in an unknown field": ("not_json", order_and('"new": {"a": Infinity}')),
        "-Infinity in an unknown field": ("not_json", order_and('"new": -Infinity')),
        "a duplicate key": ("not_json", order_and('"lead_id": "l-77"')),
        "a duplicate key, escaped": ("not_json", order_and(r'"l\u0065ad_id": "l-77"')),
        "a duplicate unknown key": ("not_json", order_and('"new": 1, "new": 1')),
        "a duplicate empty key": ("not_json", order_and('"": 1, "": 1')),
        "a duplicate key in the money": (
            "not_json",
            order_spelt("amount", '{"amount": "1", "currency": "USD", "amount": "1"}'),
        ),
        "a duplicate key deep in an unknown field": (
            "not_json",
            order_and(r'"new": [[{"a": {"b": 1, "\u0062": 2}}]]'),
        ),
        "201 levels": ("not_json", order_and('"new": ' + "[" * 201 + "]" * 201)),
        "100,000 open lists": ("not_json", b"[" * 100_000),
        "100,000 whole lists": ("not_json", b"[" * 100_000 + b"]" * 100_000),
        "100,000 objects": ("not_json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        "100,000 levels in an unknown field": (
            "not_json",
            order_and('"new": ' + "[" * 100_000 + "]" * 100_000),
        ),
        "an integer of 5,000 digits": ("not_json", order_spelt("lead_id", "9" * 5000)),
        "a list": ("invalid", b"[" + ORDER + b"]"),
        "null": ("invalid", b"null"),
        "true": ("invalid", b"true"),
        "a number": ("invalid", b"1"),
        "a string": ("invalid", json.dumps(ORDER.decode()).encode()),
        "an empty object": ("invalid", b"{}"),
        "the event of another topic": ("invalid", example_bytes("subscription")),
        "a field in capitals": ("invalid", ORDER.replace(b"lead_id", b"LEAD_ID")),
        "an integer of 1,000 digits": ("invalid", order_spelt("lead_id", "9" * 1000)),
        "a fraction beyond floats": ("invalid", order_spelt("lead_id", "1e999")),
        "an empty id": ("invalid", order_with(lead_id="")),
        "an id of 129 characters": ("invalid", order_with(lead_id="x" * 129)),
        "NUL in the reason": (
            "invalid",
            json.dumps(example("failed-payment") | {"failure_reason": "a\0"}).encode(),
        ),
        "a reason of 4,097 characters": (
            "invalid",
            json.dumps(example("failed-payment") | {"failure_reason": "x" * 4097}).encode(),
        ),
        "a number as sum": ("invalid", order_with(amount={"amount": 149, "currency": "USD"})),
        "a sum with three decimals": ("invalid", order_with(amount={"amount": "1.005", "currency": "USD"})),
        "a sum without currency": ("invalid", order_with(amount={"amount": "1"})),
        "a sum as text": ("invalid", order_with(amount="149.00")),
        "a sum as list of pairs": ("invalid", order_with(amount=[["amount", "1"], ["currency", "USD"]])),
        "a time as number": ("invalid", order_with(occurred_at=1764000000)),
        "a time as numeric text": ("invalid", order_with(occurred_at="1764000000")),
        "a time without zone": ("invalid", order_with(occurred_at="2026-11-23T10:00:00")),
        "a time that overflows in UTC": ("invalid", order_with(occurred_at="9999-12-31T23:59:59-14:00")),
        "a day that is not": ("invalid", order_with(occurred_at="2026-02-30T10:00:00Z")),
        "an event id as number": ("invalid", order_with(event_id=EVENT_ID.int)),
        "an event id as URN": ("invalid", order_with(event_id=EVENT_ID.urn)),
        "an event id without dashes": ("invalid", order_with(event_id=EVENT_ID.hex)),
        "an event id of 16 characters": ("invalid", order_with(event_id="x" * 16)),
    }
    | {
        f"{words} in {field}": ("invalid", order_with(**{field: value}))
        for field in ("event_id", "occurred_at", "account_id", "lead_id", "offer_id", "order_id")
        for words, value in {
            "null": None,
            "a number": 5,
            "false": False,
            "a list": ["l-77"],
            "an object": {"a": 1},
            "NUL": "l\0",
            "a final line break": example("order")[field] + "\n",
            "C1": "l\x80",
            "DEL": "l\x7f",
            "U+2029": "l\u2029",
        }.items()
    }
    | {
        f"no {field}": ("invalid", order_without(field))
        for field in ("event_id", "occurred_at", "account_id", "lead_id", "offer_id", "order_id")
    }
)

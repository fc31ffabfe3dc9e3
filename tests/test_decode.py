"""Bytes become an event or poison: never an exception, and never a word of the payload in a message."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example as with_example
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.inbound import INBOUND
from contracts.types import Message
from tests.contracts.examples import example, example_bytes
from tests.contracts.strategies import inbound_documents
from worker.decode import MESSAGE_LIMIT, decode
from worker.event import Contact, Event, Lead, Poison
from worker.plan import Trigger

MAX_BYTES = 1_000_000
MARKER = "m4rk3r"
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


# --- what is an event


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("subscription", Lead(Trigger.SUBSCRIPTION, "acme", "l-77", "landing-7", EVENT_ID)),
        ("order", Lead(Trigger.ORDER, "acme", "l-77", "offer-9", EVENT_ID)),
        ("failed-payment", Lead(Trigger.FAILED_PAYMENT, "acme", "l-77", "offer-9", EVENT_ID)),
        ("paid", Lead(Trigger.PAID, "acme", "l-77", "offer-9", EVENT_ID)),
        ("manager-contact", Contact("acme", "l-77", "anna", datetime(2026, 11, 23, 9, 59, 59, 871000, UTC))),
    ],
)
def test_golden_events(kind: str, event: Event) -> None:
    assert read(example_bytes(kind), kind) == event


def test_a_contact_is_in_utc() -> None:
    """Whatever its zone: the rules compare times, the database keeps them."""
    document = example("manager-contact") | {"occurred_at": "2026-11-23T15:30:00+05:30"}
    contact = read(json.dumps(document).encode(), "manager-contact")
    assert isinstance(contact, Contact)
    assert contact.occurred_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert contact.occurred_at.tzinfo is UTC


def test_the_id_of_an_event_is_a_plain_uuid() -> None:
    """orjson writes no other kind."""
    lead = read(order_with(event_id=str(EVENT_ID).upper()))
    assert isinstance(lead, Lead)
    assert type(lead.event_id) is UUID
    assert lead.event_id == EVENT_ID


HARMLESS = {
    "unknown fields": order_and('"new": {"a": [1, null, true, 1.5]}'),
    "NUL in an unknown field": order_and(r'"new": "\u0000"'),
    "NUL in an unknown key": order_and(r'"new\u0000": 1'),
    "a key of ours deeper in an unknown field": order_and('"new": {"lead_id": 5, "amount": []}'),
    "the same key in two objects": order_and('"new": [{"a": 1}, {"a": 2}]'),
    "keys that only look alike": order_and('"\u00e9": 1, "e\u0301": 2, "E": 3, "e": 4'),
    "a number larger than a float": order_and('"new": 1e999'),
    "a number of a thousand digits": order_and('"new": ' + "9" * 1000),
    "190 levels": order_and('"new": ' + "[" * 190 + "]" * 190),
    "blanks around": b" \t\r\n" + ORDER + b"\n\n",
    "no optional field": order_without("amount"),
    "a null where optional": order_with(amount=None),
    "a whole surrogate pair, escaped": order_with(lead_id="\U0001f600"),
    "128 astral characters": order_with(lead_id="\U0001f600" * 128),
    "a right-to-left mark": order_with(lead_id="\u200f"),
    "escaped spellings": ORDER.replace(b'"lead_id"', rb'"l\u0065ad_id"'),
    "an account that nobody knows": order_with(account_id="nobody"),
    "exactly the longest": ORDER + b" " * (MAX_BYTES - len(ORDER)),
}


@pytest.mark.parametrize("value", HARMLESS.values(), ids=HARMLESS)
def test_harmless(value: bytes) -> None:
    assert isinstance(read(value), Lead)


# --- what is poison

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


@pytest.mark.parametrize(("reason", "value"), POISON.values(), ids=POISON)
def test_poison(reason: str, value: bytes | None) -> None:
    kind = "failed-payment" if value and b"failure_reason" in value else "order"
    poison = read(value, kind)
    assert isinstance(poison, Poison)
    assert poison.reason == reason
    assert poison.exception == ("ValidationError" if reason == "invalid" else "ValueError")
    assert 0 < len(poison.message) <= MESSAGE_LIMIT
    assert poison.message.isprintable()


@pytest.mark.parametrize("kind", sorted(INBOUND))
def test_every_kind_refuses_each_missing_field(kind: str) -> None:
    for field, about in INBOUND[kind].model_fields.items():
        document = {name: value for name, value in example(kind).items() if name != field}
        event = read(json.dumps(document).encode(), kind)
        if about.is_required():
            assert isinstance(event, Poison), field
            assert event.message.startswith(f"{field}: missing; send "), field
        else:
            assert isinstance(event, Lead), field


def test_one_bad_record_spoils_no_neighbour() -> None:
    """Nothing is carried from one value to the next, not even by the parser's cache."""
    for _, value in POISON.values():
        read(value)
        assert read(ORDER) == Lead(Trigger.ORDER, "acme", "l-77", "offer-9", EVENT_ID)


# --- what the message says


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
    monkeypatch.setattr("worker.decode._SEND", {})
    poison = read(order_without("lead_id"))
    assert poison == Poison("invalid", "value: not as the schema says", "ValidationError")


# --- whatever comes

kinds = st.sampled_from(sorted(INBOUND))


def mutated(document: bytes) -> st.SearchStrategy[bytes]:
    """A good value with a few bytes put in, taken out or changed."""

    def splice(cut: tuple[int, int], new: bytes) -> bytes:
        start, end = sorted(cut)
        return document[:start] + new + document[end:]

    places = st.integers(0, len(document))
    return st.builds(splice, st.tuples(places, places), st.binary(max_size=8))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(kinds, st.none() | st.binary() | mutated(ORDER) | json_values.map(lambda v: json.dumps(v).encode()))
def test_nothing_makes_it_raise(kind: str, value: bytes | None) -> None:
    assert isinstance(read(value, kind), (Lead, Contact, Poison))


@given(kinds, st.data())
def test_agrees_with_the_published_model(kind: str, data: st.DataObject) -> None:
    """The fast way in accepts what the contract's model accepts, and reads the same from it."""
    document = example(kind)
    for field in data.draw(st.sets(st.sampled_from([*document, "amount", "unknown"]), max_size=2)):
        document[field] = data.draw(json_values)
    assert_agrees(kind, json.dumps(document).encode())


@given(inbound_documents())
def test_every_valid_event_is_read_as_the_model_reads_it(case: tuple[str, dict[str, Any]]) -> None:
    kind, document = case
    value = json.dumps(document).encode()
    assert not isinstance(read(value, kind), Poison)
    assert_agrees(kind, value)


def assert_agrees(kind: str, value: bytes) -> None:
    model: type[Message] = INBOUND[kind]
    event = read(value, kind)
    try:
        fields = dict(model.model_validate_json(value))
    except ValidationError:
        assert isinstance(event, Poison)
        return
    if isinstance(event, Poison):  # the model alone sees neither duplicate keys nor NaN
        assert event.reason == "not_json"
    elif isinstance(event, Contact):
        assert event == tuple(fields[name] for name in ("account_id", "lead_id", "manager_id", "occurred_at"))
    else:
        ref = fields["lgt_id"] if kind == "subscription" else fields["offer_id"]
        assert event == (kind, fields["account_id"], fields["lead_id"], ref, fields["event_id"])


# --- duplicate keys, in documents made for it


def spelt(key: str, escape: Callable[[], bool]) -> str:
    """A JSON string that reads as `key`, any of its characters written as an escape."""
    units = (
        "".join(f"\\u{int.from_bytes(unit, 'big'):04x}" for unit in pairs(character))
        if escape()
        else json.dumps(character, ensure_ascii=False)[1:-1]
        for character in key
    )
    return '"' + "".join(units) + '"'


def pairs(character: str) -> list[bytes]:
    encoded = character.encode("utf-16-be")
    return [encoded[i : i + 2] for i in range(0, len(encoded), 2)]


@st.composite
def objects_with_a_duplicate(draw: st.DrawFn) -> str:
    """An object, some way down, that holds one key twice, each time in a spelling of its own."""
    keys = st.text(st.characters(codec="utf-8"), max_size=5)
    members = draw(st.dictionaries(keys, st.integers(), max_size=4))
    twice = draw(keys)
    names = [*(key for key in members if key != twice), twice, twice]
    flags = st.booleans()
    written = ",".join(f"{spelt(name, lambda: draw(flags))}:0" for name in draw(st.permutations(names)))
    text = "{" + written + "}"
    for shell in draw(st.lists(st.sampled_from(["[%s]", '[0,"x",%s]', '{"a":%s}', '{"a":1,"b":%s}']), max_size=6)):
        text = shell.replace("%s", text)
    return text


@given(objects_with_a_duplicate())
@with_example('{"":0,"":0}')
def test_no_duplicate_key_is_ever_accepted(duplicate: str) -> None:
    """Wherever it is and however it is spelt: in a field that nobody reads too."""
    for value in (order_and(f'"unknown": {duplicate}'), order_spelt("amount", duplicate), duplicate.encode()):
        poison = read(value)
        assert isinstance(poison, Poison)
        assert poison.message.startswith("value: a key appears twice")


@given(st.permutations(list(example("order"))), st.sampled_from(list(example("order"))), st.data())
def test_no_field_of_ours_may_come_twice(order: list[str], field: str, data: st.DataObject) -> None:
    """Not even with the same value."""
    document = example("order")
    names = list(order)
    names.insert(data.draw(st.integers(0, len(names))), field)
    flags = st.booleans()
    members = (f"{spelt(name, lambda: data.draw(flags))}:{json.dumps(document[name])}" for name in names)
    poison = read(("{" + ",".join(members) + "}").encode())
    assert isinstance(poison, Poison)
    assert poison.reason == "not_json"

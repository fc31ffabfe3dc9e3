"""These records are events, and these of their fields are kept."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.intake.decode.orders import EVENT_ID, MAX_BYTES, ORDER, order_and, order_with, order_without, read
from tests.support.examples import example, example_bytes
from worker.rules.event import Contact, Event, Lead, Trigger


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

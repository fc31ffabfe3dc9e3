"""Events and unreadable records as values. Pure: imports only the standard library."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Trigger(StrEnum):
    """The kind of event that brings a lead into a plan. `lead-assigned` has these words as ``trigger.kind``."""

    SUBSCRIPTION = "subscription"
    ORDER = "order"
    FAILED_PAYMENT = "failed-payment"
    PAID = "paid"


class Lead(NamedTuple):
    """A subscription, order, failed payment or payment of a lead; ``ref`` is its LGT or offer."""

    kind: Trigger
    account_id: str
    lead_id: str
    ref: str
    event_id: UUID


class Contact(NamedTuple):
    """A manager wrote to or called the lead at ``occurred_at`` (UTC)."""

    account_id: str
    lead_id: str
    manager_id: str
    occurred_at: datetime


# All reasons for a dead letter.
POISON_REASONS = ("tombstone", "empty", "too_large", "not_json", "invalid", "refused")


class Poison(NamedTuple):
    """An unreadable value. ``reason`` is one of ``POISON_REASONS``; ``message`` quotes nothing of the payload."""

    reason: str
    message: str
    exception: str


Event = Lead | Contact | Poison


class Entry(NamedTuple):
    """A lead that enters a plan, and the record of its event. The database keeps both while the lead waits."""

    lead_id: str
    kind: Trigger
    ref: str
    event_id: UUID
    topic: str
    partition: int
    offset: int
    traceparent: str | None

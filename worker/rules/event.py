"""What arrives, as values. Pure: imports only the standard library."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Trigger(StrEnum):
    """What brings a lead into a plan; the words of ``trigger.kind`` in `lead-assigned`."""

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


# Every reason there is for a dead letter.
REASONS = ("tombstone", "empty", "too_large", "not_json", "invalid", "refused")


class Poison(NamedTuple):
    """A value that is no event: why, as one of ``REASONS`` and in words that hold nothing of the payload."""

    reason: str
    message: str
    exception: str


Event = Lead | Contact | Poison


class Arrival(NamedTuple):
    """A lead at the door of a plan, and the record that brought it; kept while it waits."""

    lead_id: str
    kind: Trigger
    ref: str
    event_id: UUID
    topic: str
    partition: int
    offset: int
    traceparent: str | None

"""Models of the messages that the worker reads: five events, one topic each (spec, "Messages").

Every field is required unless its text says "Optional". An optional field may be absent or null.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from contracts.types import EventId, Id, Message, Money, Time

REASON_RULE: Final = "a string of at most 4096 characters without U+0000, or leave it out"

_FailureReason = Annotated[str, StringConstraints(strict=True, max_length=4096, pattern=r"^[^\x00]*$")]


class Inbound(Message):
    """The fields of every inbound event."""

    event_id: EventId
    """UUID of this event, the same when you send the event again. `lead-assigned` has it as `trigger.event_id`."""

    occurred_at: Time
    """Time of the event: RFC 3339 with zone, 1970-01-01 to 9998-12-31 in UTC. No leap seconds (:60)."""

    account_id: Id
    """The customer of the platform. An event of an account without plans is valid, but matches no plan."""

    lead_id: Id
    """The lead, unique in the account. Use it as the record key, so that one lead's events stay in order."""


class Subscription(Inbound):
    """Topic `subscription`: a lead subscribed through a lead-generation tool."""

    lgt_id: Id
    """The lead-generation tool (landing page, widget, bot) that the lead came through."""


class Order(Inbound):
    """Topic `order`: a lead ordered an offer."""

    offer_id: Id
    """The offer that was ordered."""

    order_id: Id
    """The order."""

    amount: Annotated[Money | None, Field(default=None)]
    """The sum of the order. Optional."""


class FailedPayment(Inbound):
    """Topic `failed-payment`: a lead tried to pay for an order and failed."""

    offer_id: Id
    """The offer of the order."""

    order_id: Id
    """The order that the lead tried to pay."""

    amount: Annotated[Money | None, Field(default=None)]
    """The sum that the lead tried to pay. Optional."""

    failure_reason: Annotated[_FailureReason | None, Field(default=None)]
    """The reason of the failure, for people to read. Any text without U+0000. Optional."""


class Paid(Inbound):
    """Topic `paid`: a lead paid for an order."""

    offer_id: Id
    """The offer that was paid for."""

    order_id: Id
    """The order that was paid."""

    amount: Money
    """The sum that the lead paid."""


class ManagerContact(Inbound):
    """Topic `manager-contact`: a manager wrote to or called a lead.

    It assigns no lead. A plan in `linked` mode prefers the manager whose contact has the latest `occurred_at`.
    """

    manager_id: Id
    """The sales manager who made the contact."""


INBOUND: Final[Mapping[str, type[Inbound]]] = MappingProxyType(
    {
        "subscription": Subscription,
        "order": Order,
        "failed-payment": FailedPayment,
        "paid": Paid,
        "manager-contact": ManagerContact,
    }
)
"""The model of each kind of event, by the default name of its topic."""

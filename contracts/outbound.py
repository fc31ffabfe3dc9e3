"""What the worker sends: `lead-assigned` (spec, "Messages").

The worker writes these messages from plain values, for speed; this model is what they must equal, and what a
reader in Python may use. Every field is always there, null where it says so.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from contracts.types import EventId, Id, Message, Time, TriggerKind

_Count = Annotated[int, Field(strict=True, ge=1)]
_Color = Annotated[str, StringConstraints(strict=True, min_length=7, max_length=7, pattern=r"^#[0-9a-f]{6}$")]
_Word = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class Plan(Message):
    """The sales plan that gave the lead to the manager, as it was at the decision."""

    id: Id
    """Slug of the plan, unique in the account; it never changes."""

    name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120)]
    """The plan's name at the decision, for people to read."""

    version: _Count
    """Version of the plan whose rules were used."""


class Label(Message):
    """What the chat list shows beside the lead."""

    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=30)]
    """The words on the label."""

    color: _Color | None
    """`#rrggbb`, lower case; null where the plan has a text and no colour: use the list's own colour."""


class Trigger(Message):
    """The inbound event that brought the lead into the plan."""

    kind: TriggerKind
    """Kind of the event: the default name of its topic, also where the topic is renamed."""

    event_id: EventId
    """`event_id` of that event."""

    lgt_id: Id | None
    """The LGT of a subscription, otherwise null."""

    offer_id: Id | None
    """The offer of an order, a failed payment or a payment, otherwise null."""


class LeadAssigned(Message):
    """Topic `lead-assigned`: in this plan, this lead now belongs to this manager.

    One message for each assignment, exactly once for `read_committed` readers; sent again it would be the
    same bytes with the same `event_id`. Of two messages on one lead in one plan, the one with the higher
    `revision` holds.
    """

    event_id: EventId
    """UUID of this message, stored with the assignment; also the header `ce_id`. It tells a repeat."""

    occurred_at: Time
    """When the decision was made (not when the lead acted): RFC 3339, UTC. Also the header `ce_time`."""

    account_id: Id
    """The customer of the platform."""

    lead_id: Id
    """The lead; also the record key and the header `ce_subject`."""

    manager_id: Id
    """The manager to whom the lead now belongs in this plan."""

    previous_manager_id: Id | None
    """The manager to whom it belonged before in this plan; null for the first assignment."""

    revision: _Count
    """1, 2, 3 ... counts the assignments of this lead in this plan: a lower one that comes late is old."""

    plan: Plan
    """The plan that decided."""

    plan_seq: _Count
    """Number of this assignment in its plan: 1, 2, 3 ... without gaps, in the order of decision."""

    label: Label | None
    """The plan's label; null where it has none."""

    trigger: Trigger
    """What brought the lead in."""

    reason: _Word
    """Why this manager: `even`, `linked_contact` or `linked_plan`.

    More words will come: show an unknown one as it is.
    """


OUTBOUND: Final[Mapping[str, type[Message]]] = MappingProxyType({"lead-assigned": LeadAssigned})
"""The model of each event that we send, by the default name of its topic."""

"""Model of the messages that the worker sends: `lead-assigned` (spec, "Messages").

The worker writes these messages from plain values, for speed. Tests compare them with this model, and a reader in
Python may use it. Every field is always there; some may be null.
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
    """A label that the chat list shows beside the lead."""

    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=30)]
    """The words on the label."""

    color: _Color | None
    """`#rrggbb`, lower case; null where the label has no colour: then use the list's own colour."""


class Trigger(Message):
    """The inbound event that brought the lead into the plan."""

    kind: TriggerKind
    """Kind of the event. It is the default name of its topic, even where a setting renames the topic."""

    event_id: EventId
    """`event_id` of that event."""

    lgt_id: Id | None
    """The LGT of a subscription, otherwise null."""

    offer_id: Id | None
    """The offer of an order, a failed payment or a payment, otherwise null."""


class LeadAssigned(Message):
    """Topic `lead-assigned`: in this plan, this lead now belongs to this manager.

    `read_committed` readers get one message for each assignment, exactly once. A repeat would have the same bytes and
    the same `event_id`. Of two messages about one lead in one plan, the one with the higher `revision` counts.
    """

    event_id: EventId
    """UUID of this message, stored with the assignment; also the header `ce_id`. A repeat has the same one."""

    occurred_at: Time
    """Time of the decision (not of the lead's event): RFC 3339, UTC. Also the header `ce_time`."""

    account_id: Id
    """The customer of the platform."""

    lead_id: Id
    """The lead; also the record key and the header `ce_subject`."""

    manager_id: Id
    """The manager to whom the lead now belongs in this plan."""

    previous_manager_id: Id | None
    """The manager to whom the lead belonged before in this plan; null for the first assignment."""

    revision: _Count
    """1, 2, 3 ... counts the assignments of this lead in this plan. A message with a lower number is outdated."""

    plan: Plan
    """The plan of the assignment."""

    plan_seq: _Count
    """Number of this assignment in its plan: 1, 2, 3 ... without gaps, in the order of decision."""

    label: Label | None
    """The plan's label; null where it has none."""

    trigger: Trigger
    """The event that brought the lead in."""

    reason: _Word
    """The reason for this manager: `even`, `linked_contact` or `linked_plan`.

    Later versions will have more words. Show an unknown word as it is.
    """


OUTBOUND: Final[Mapping[str, type[Message]]] = MappingProxyType({"lead-assigned": LeadAssigned})
"""The model of each event that the worker sends, by the default name of its topic."""

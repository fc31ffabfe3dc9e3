"""Answers to "why this manager" as values. ``worker.words`` makes sentences of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from worker.rules.choose import Reason

# The plan's active managers are compared by count.


@dataclass(frozen=True, slots=True)
class OnlyActive:
    """The plan has no other active manager."""


@dataclass(frozen=True, slots=True)
class FewestLeads:
    """Each other active manager had more."""

    leads: int


@dataclass(frozen=True, slots=True)
class LongestWithout:
    """Nobody had fewer; among those with as few, this manager's latest lead is the oldest."""

    leads: int


@dataclass(frozen=True, slots=True)
class FirstInOrder:
    """Nobody had fewer, or was longer without a lead. The plan's fixed order decided."""

    leads: int


ByCount = OnlyActive | FewestLeads | LongestWithout | FirstInOrder

# The manager was chosen.


@dataclass(frozen=True, slots=True)
class NobodyLinked:
    """The plan is linked, but no active manager knows the lead."""

    by_count: ByCount


@dataclass(frozen=True, slots=True)
class LatestContact:
    """No other active manager contacted the lead later."""


@dataclass(frozen=True, slots=True)
class OwnsElsewhere:
    """No active manager contacted the lead, and this one has it in another plan."""

    plan_id: str


# The manager was passed over for ``chosen``.


@dataclass(frozen=True, slots=True)
class Paused:
    """The manager takes no new leads in the plan."""


@dataclass(frozen=True, slots=True)
class EarlierContact:
    """The manager contacted the lead before the chosen one did."""

    chosen: str


@dataclass(frozen=True, slots=True)
class NoContact:
    """The chosen one contacted the lead, and this manager did not."""


@dataclass(frozen=True, slots=True)
class OwnsWithoutContact:
    """The manager has the lead in another plan, but the chosen one contacted it, and a contact goes first."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class EarlierOwner:
    """The manager got the lead in ``plan_id`` before the chosen one got it elsewhere."""

    plan_id: str
    chosen: str


@dataclass(frozen=True, slots=True)
class NotLinked:
    """The manager neither contacted the lead nor has it in another plan."""


@dataclass(frozen=True, slots=True)
class HadMore:
    """Leads of both before the decision."""

    leads: int
    chosen: str
    chosen_leads: int


@dataclass(frozen=True, slots=True)
class MoreRecent:
    """As many leads, but a later one: ``last_seq`` and ``chosen_seq`` are the plan_seq of the latest of each."""

    leads: int
    last_seq: int
    chosen: str
    chosen_seq: int


@dataclass(frozen=True, slots=True)
class LaterInOrder:
    """All else is equal. The plan's fixed order decided."""

    leads: int
    chosen: str


Chosen = ByCount | NobodyLinked | LatestContact | OwnsElsewhere
ByContact = EarlierContact | NoContact | OwnsWithoutContact
ByOwner = EarlierOwner | NotLinked
ByTurn = HadMore | MoreRecent | LaterInOrder
PassedOver = Paused | ByContact | ByOwner | ByTurn
Verdict = Chosen | PassedOver

# A lead waits.


@dataclass(frozen=True, slots=True)
class InArchived:
    """The plan is archived, and the lead waits for ever."""


@dataclass(frozen=True, slots=True)
class NobodyActive:
    """The plan has no active manager."""


@dataclass(frozen=True, slots=True)
class InQueue:
    """The plan has an active manager again; ``ahead`` leads go first."""

    ahead: int


WaitsFor = InArchived | NobodyActive | InQueue

# Ledger and rules disagree. ``manager_id`` and ``reason`` are those of the ledger.


@dataclass(frozen=True, slots=True)
class VersionMissing:
    """The plan's version is not kept, so nothing can be decided again."""

    version: int


@dataclass(frozen=True, slots=True)
class NobodyWasActive:
    """The rules give the lead to nobody."""

    manager_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecidedOtherwise:
    """The rules give the lead to ``by_rules``, or for another reason."""

    by_rules: str
    by_rules_reason: Reason
    manager_id: str
    reason: str


Disagreement = VersionMissing | NobodyWasActive | DecidedOtherwise

"""Sales plans as values. Pure: imports only the standard library and pure modules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from worker.rules.event import Trigger
from worker.rules.ids import PlanNo, RosterIndex


class Mode(StrEnum):
    """The way in which a plan chooses among its managers."""

    EVEN = "even"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Label:
    """A label that the chat list shows beside the lead: 1-30 characters, and a colour ``#rrggbb`` or none."""

    text: str
    color: str | None


@dataclass(frozen=True)
class Plan:
    """One version of an active plan, with the fields that matching, deciding and announcing need.

    ``roster`` holds every manager who was ever in the plan, in the order in which they joined. The plan's counters go
    by index in the roster. ``active`` are the indexes of the managers who take leads now, in the plan's order.
    """

    plan_no: PlanNo
    account_id: str
    plan_id: str
    version: int
    name: str
    mode: Mode
    label: Label | None
    roster: tuple[str, ...]
    active: tuple[RosterIndex, ...]
    refs: Mapping[Trigger, tuple[str, ...]]

    @cached_property
    def active_indexes(self) -> Mapping[str, RosterIndex]:
        """Active managers and their indexes in the roster."""
        return MappingProxyType({self.roster[index]: index for index in self.active})

    @cached_property
    def is_active(self) -> tuple[bool, ...]:
        """For each index in the roster: True where its manager takes leads now."""
        active = set(self.active)
        return tuple(index in active for index in range(len(self.roster)))

    @cached_property
    def tie_rank(self) -> tuple[int, ...]:
        """A fixed rank of each manager of the roster. The lowest rank wins where all else is equal.

        The rank is 64 bits of a hash of plan and manager, so the first name of a list has no advantage in all plans.
        NUL separates the parts, because no id can hold it.
        """
        plan = hashlib.blake2b(f"{self.account_id}\0{self.plan_id}\0".encode(), digest_size=8)
        ranks = []
        for manager in self.roster:
            both = plan.copy()  # twice as fast as hashing the plan's ids again for each manager
            both.update(manager.encode())
            ranks.append(int.from_bytes(both.digest(), "big"))
        return tuple(ranks)


RefKey = tuple[str, Trigger, str]  # account, trigger, LGT or offer


@dataclass(frozen=True)
class PlanBook:
    """All active plans of all accounts at one revision: an immutable snapshot."""

    revision: int
    plans: Mapping[PlanNo, Plan]
    by_ref: Mapping[RefKey, tuple[Plan, ...]]

    @classmethod
    def empty(cls) -> PlanBook:
        """A book without plans. Every revision in the database is newer."""
        return cls(0, {}, {})

    def with_changes(self, revision: int, plans: Iterable[Plan], archived: Iterable[PlanNo]) -> PlanBook:
        """A new book at ``revision``, with ``plans`` added or replaced and ``archived`` removed."""
        book = dict(self.plans)
        by_ref = dict(self.by_ref)
        plans = list(plans)
        for plan_no in {plan.plan_no for plan in plans} | set(archived):
            if old := book.pop(plan_no, None):
                for key in _keys(old):
                    by_ref[key] = tuple(other for other in by_ref[key] if other.plan_no != plan_no)
        for plan in plans:
            book[plan.plan_no] = plan
            for key in _keys(plan):
                # Sorted by id, so that the order in which plans were created does not matter.
                by_ref[key] = tuple(sorted((*by_ref.get(key, ()), plan), key=lambda p: p.plan_id))
        return PlanBook(revision, book, {key: found for key, found in by_ref.items() if found})


def _keys(plan: Plan) -> list[RefKey]:
    return [(plan.account_id, trigger, ref) for trigger, refs in plan.refs.items() for ref in refs]

"""Plans before and after an edit, the faults and refusals of the edit, and its warnings. Pure."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from worker.plans import lookalikes
from worker.plans.faults import Fault, IdOfArchived, LgtTaken
from worker.plans.file import Manager, PlanFile, PlanFileError, PlanSpec
from worker.plans.refusals import AlreadyInPlan, NoPlan, NotInPlan, PlanArchived, Refusal
from worker.plans.warnings import GoOnWaiting, JoinsRunning, NoActiveManager, NothingComesIn, PlanWarning, SharedOffer
from worker.rules.plan import Mode


class PlanRefusedError(Exception):
    """The stored plans do not allow the change; ``faults`` has the reasons."""

    def __init__(self, faults: Sequence[Refusal]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as the database has it, active or archived."""

    plan_no: int
    account_id: str
    spec: PlanSpec
    version: int
    archived: bool
    changed_by: str
    changed_at: datetime
    roster: tuple[str, ...]
    assigned: Mapping[str, int]  # by manager: the number of leads in this plan
    waiting: int
    last_seq: int
    last_seqs: Mapping[str, int]  # by manager: the plan_seq of the latest lead, 0 for none

    @property
    def leads(self) -> int:
        """The number of leads of the plan, including those that wait."""
        return sum(self.assigned.values()) + self.waiting


Value = str | Decimal | Mode | tuple[str, ...] | tuple[Manager, ...]


class Difference(NamedTuple):
    """One field before and after an edit, None where it is empty. LGTs and offers are sorted."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Change:
    """A plan before and after an edit. ``before`` is None for a new plan."""

    before: StoredPlan | None
    after: PlanSpec
    archived: bool = False

    @property
    def plan_id(self) -> str:
        """The id of the plan."""
        return self.after.id

    @property
    def kind(self) -> str:
        """``new``, ``archived``, ``changed`` or ``unchanged``."""
        if self.before is None:
            return "new"
        if self.archived != self.before.archived:
            return "archived"
        return "changed" if _meaning(self.after) != _meaning(self.before.spec) else "unchanged"

    @property
    def version(self) -> int:
        """The plan's version after the change."""
        before = self.before.version if self.before else 0
        return before + (self.kind != "unchanged")

    @property
    def newcomers(self) -> tuple[str, ...]:
        """Managers who were never in the plan, in the order of the plan."""
        roster = frozenset(self.before.roster if self.before else ())
        return tuple(manager.id for manager in self.after.managers if manager.id not in roster)

    @property
    def changes_who_is_active(self) -> bool:
        """True if the change makes somebody active, or stops somebody. A new plan has nobody before."""
        before = _active(self.before.spec) if self.before and not self.before.archived else set()
        return before != (set() if self.archived else _active(self.after))

    def differences(self) -> list[Difference]:
        """The fields that differ, in the order of a plan file."""
        before = dict(_fields(self.before.spec)) if self.before else {}
        after = dict(_fields(self.after))
        return [
            Difference(field, before.get(field), after.get(field))
            for field in sorted({*before, *after}, key=_FIELDS.index)
            if before.get(field) != after.get(field)
        ]


def _active(spec: PlanSpec) -> set[str]:
    return {manager.id for manager in spec.managers if not manager.paused}


def _meaning(spec: PlanSpec) -> object:
    """A value that is equal for equivalent plans. The order of LGTs and of offers means nothing."""
    label = (spec.label.text, spec.label.color) if spec.label else None
    managers = [(manager.id, manager.paused) for manager in spec.managers]
    refs = (spec.lgts, spec.offers.ordered, spec.offers.payment_failed, spec.offers.paid)
    numbers = (spec.conversion_percent, spec.average_sale)
    return spec.name, numbers, label, managers, [frozenset(ref) for ref in refs], spec.mode


_FIELDS = (
    "name",
    "conversion_percent",
    "average_sale",
    "label.text",
    "label.color",
    "managers",
    "lgts",
    "offers.ordered",
    "offers.payment_failed",
    "offers.paid",
    "mode",
)


def _fields(spec: PlanSpec) -> Iterator[tuple[str, Value]]:
    values: dict[str, Value | None] = {
        "name": spec.name,
        "conversion_percent": spec.conversion_percent,
        "average_sale": spec.average_sale,
        "label.text": spec.label.text if spec.label else None,
        "label.color": spec.label.color if spec.label else None,
        "managers": spec.managers,
        "lgts": tuple(sorted(spec.lgts)),
        "offers.ordered": tuple(sorted(spec.offers.ordered)),
        "offers.payment_failed": tuple(sorted(spec.offers.payment_failed)),
        "offers.paid": tuple(sorted(spec.offers.paid)),
        "mode": spec.mode,
    }
    return ((field, value) for field, value in values.items() if value not in (None, ()))


def apply_file(file: PlanFile, stored: Mapping[str, StoredPlan]) -> list[Change]:
    """The changes that the file makes. Raises PlanFileError, which names each field at fault."""
    changes = [Change(stored.get(spec.id), spec) for spec in file.plans]
    in_file = {spec.id for spec in file.plans}
    holders = {
        lgt: plan.spec.id
        for plan in stored.values()
        if not plan.archived and plan.spec.id not in in_file
        for lgt in plan.spec.lgts
    }
    if faults := [fault for index, change in enumerate(changes) for fault in _faults(index, change, holders)]:
        raise PlanFileError(faults)
    return changes


def _faults(index: int, change: Change, holders: Mapping[str, str]) -> Iterator[Fault]:
    if change.before and change.before.archived:
        yield Fault(f"plans[{index}].id", IdOfArchived(change.plan_id))
    for lgt in change.after.lgts:
        if lgt in holders:
            yield Fault(f"plans[{index}].lgts", LgtTaken(lgt, holders[lgt]))


def set_paused(plan_id: str, manager_id: str, *, paused: bool, stored: Mapping[str, StoredPlan]) -> Change:
    """Pause a manager of the plan, or resume. Raises PlanRefusedError."""
    if paused:
        return with_managers(plan_id, stored, pause=[manager_id])
    return with_managers(plan_id, stored, resume=[manager_id])


def with_managers(
    plan_id: str,
    stored: Mapping[str, StoredPlan],
    *,
    add: Sequence[str] = (),
    pause: Collection[str] = (),
    resume: Collection[str] = (),
) -> Change:
    """Add managers at the end of the plan's list, pause some, and resume some. Raises PlanRefusedError."""
    plan = _active_plan(plan_id, stored)
    ids = [manager.id for manager in plan.spec.managers]
    refusals: list[Refusal] = [AlreadyInPlan(name, plan_id) for name in add if name in ids]
    refusals += [NotInPlan(name, plan_id, _nearest(name, ids)) for name in (*pause, *resume) if name not in ids]
    if refusals:
        raise PlanRefusedError(refusals)
    managers = [_paused_or_resumed(manager, pause, resume) for manager in plan.spec.managers]
    managers += [Manager(id=name) for name in add]
    return Change(plan, plan.spec.model_copy(update={"managers": tuple(managers)}))


def _paused_or_resumed(manager: Manager, pause: Collection[str], resume: Collection[str]) -> Manager:
    if manager.id in pause or manager.id in resume:
        return manager.model_copy(update={"paused": manager.id in pause})
    return manager


def archive(plan_id: str, stored: Mapping[str, StoredPlan]) -> Change:
    """Archive the plan, so that it takes no new leads. An archived plan does not change. Raises PlanRefusedError."""
    plan = _existing_plan(plan_id, stored)
    return Change(plan, plan.spec, archived=True)


def _existing_plan(plan_id: str, stored: Mapping[str, StoredPlan]) -> StoredPlan:
    if plan_id not in stored:
        raise PlanRefusedError([NoPlan(plan_id, _nearest(plan_id, stored))])
    return stored[plan_id]


def _active_plan(plan_id: str, stored: Mapping[str, StoredPlan]) -> StoredPlan:
    plan = _existing_plan(plan_id, stored)
    if plan.archived:
        raise PlanRefusedError([PlanArchived(plan_id)])
    return plan


def _nearest(name: str, names: Collection[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


def warnings(changes: Sequence[Change], stored: Mapping[str, StoredPlan]) -> list[PlanWarning]:
    """Warnings about the plans of these changes: things that are allowed, but may surprise."""
    edited = {change.plan_id: change.after for change in changes if not change.archived}
    leaving = {change.plan_id for change in changes if change.archived}
    plans = {id_: plan.spec for id_, plan in stored.items() if not plan.archived and id_ not in leaving} | edited
    return [*_about_each(changes), *lookalikes.warnings(edited, plans), *_shared_offers(edited, plans)]


def _about_each(changes: Sequence[Change]) -> Iterator[PlanWarning]:
    for change in changes:
        if change.archived:
            if change.before and change.before.waiting:
                yield GoOnWaiting(change.plan_id, change.before.waiting)
            continue
        if all(manager.paused for manager in change.after.managers):
            yield NoActiveManager(change.plan_id)
        if not change.after.lgts and not change.after.offers.all():
            yield NothingComesIn(change.plan_id)
        yield from _newcomers(change)


def _newcomers(change: Change) -> Iterator[JoinsRunning]:
    if not change.before or not any(change.before.assigned.values()):
        return
    present = {manager.id for manager in change.before.spec.managers}
    for manager in change.after.managers:
        if manager.id not in present and not manager.paused:
            yield JoinsRunning(change.plan_id, manager.id, change.before.assigned.get(manager.id, 0))


def _shared_offers(edited: Mapping[str, PlanSpec], plans: Mapping[str, PlanSpec]) -> Iterator[SharedOffer]:
    holders = defaultdict(list)
    for plan_id in sorted(plans):
        for offer in plans[plan_id].offers.all():
            holders[offer].append(plan_id)
    for offer in sorted({offer for spec in edited.values() for offer in spec.offers.all()}):
        if len(holders[offer]) > 1:
            yield SharedOffer(offer, tuple(holders[offer]))

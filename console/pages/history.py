"""`/plans/{plan}/history`: each version of a plan, by whom and when, and the fields that it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from console.asked import number_of, plan_of
from console.database import Role
from console.errors import N_
from console.language import Language
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from db import query
from worker.plans import store
from worker.plans.change import Change, Difference, StoredPlan, Value
from worker.plans.file import Manager, PlanSpec
from worker.postgres import Row
from worker.rules.plan import Mode

VERSIONS = query("console/versions")

ON_A_PAGE = 50
LABELS = {
    "name": N_("Plan name"),
    "conversion_percent": N_("Conversion rate, %"),
    "average_sale": N_("Average sale, $"),
    "label.text": N_("Label in chats"),
    "label.color": N_("Label colour"),
    "managers": N_("Managers"),
    "lgts": N_("LGTs"),
    "offers.ordered": N_("Offers: ordered"),
    "offers.payment_failed": N_("Offers: payment failed"),
    "offers.paid": N_("Offers: paid"),
    "mode": N_("Distribution mode"),
    "catch_up": N_("Catching up"),
}
MODES = {Mode.EVEN: N_("even"), Mode.LINKED: N_("linked")}
PAUSED = N_("%(name)s (paused)")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that a version changed: the values that are gone, and the new ones. Both empty: the order changed."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version. ``is_archiving``: it put the plan into the archive. ``is_copied``: the form can take its values."""

    number: int
    changed_by: str
    changed_at: datetime
    is_first: bool
    is_archiving: bool
    is_copied: bool
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One page, newest first. ``older`` is the mark of the next page, None on the last one."""

    plan_id: str
    plan_name: str
    total: int
    versions: tuple[VersionView, ...]
    older: int | None
    is_newest: bool
    now: datetime


async def get(visit: Visit) -> Answer:
    """Fifty versions below `below`."""
    plan, below = await plan_of(visit), number_of(visit, "below")
    rows = await visit.connection.fetch(VERSIONS, plan.plan_no)
    texts = _Texts(visit.call.language, await read_names(visit.connection))
    shown = [at for at, row in enumerate(rows) if below is None or row["version"] < below]
    page = shown[:ON_A_PAGE]
    view = HistoryView(
        plan_id=plan.spec.id,
        plan_name=plan.spec.name,
        total=len(rows),
        versions=tuple(_version(plan, rows[at], rows[at + 1] if at + 1 < len(rows) else None, texts) for at in page),
        older=rows[page[-1]]["version"] if len(shown) > len(page) else None,
        is_newest=below is None or below > plan.version,
        now=visit.call.now,
    )
    return Shown("history.html", view)


def _version(plan: StoredPlan, row: Row, before: Row | None, texts: _Texts) -> VersionView:
    after = store.spec_of(plan.spec.id, row)
    old = _stored(plan, store.spec_of(plan.spec.id, before)) if before else None
    return VersionView(
        number=row["version"],
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
        is_first=before is None,
        is_archiving=row["archived"] and not (before and before["archived"]),
        is_copied=row["version"] != plan.version and not plan.archived,
        fields=tuple(map(texts.line, Change(old, after).differences())),
    )


def _stored(plan: StoredPlan, spec: PlanSpec) -> StoredPlan:
    return replace(plan, spec=spec)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Values as the page shows them."""

    language: Language
    names: Names

    def line(self, found: Difference) -> FieldLine:
        before, after = self.values(found.field, found.before), self.values(found.field, found.after)
        label = self.language.text(LABELS[found.field]) if found.field in LABELS else found.field
        return FieldLine(label, _without(before, after), _without(after, before))

    def values(self, field: str, value: Value | None) -> tuple[str, ...]:
        match value:
            case None:
                return ()
            case tuple():
                name: Callable[[str], str] = self.names.lgt if field == "lgts" else self.names.offer
                return tuple(self._manager(each) if isinstance(each, Manager) else name(each) for each in value)
            case Mode():
                return (self.language.text(MODES[value]),)
            case Decimal():
                return (self.language.money(value) if field == "average_sale" else self.language.decimal(value),)
            case _:
                return (str(value),)

    def _manager(self, manager: Manager) -> str:
        name = self.names.manager(manager.id)
        return self.language.text(PAUSED) % {"name": name} if manager.paused else name


def _without(values: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value not in others)


PAGE = Page("/plans/{plan}/history", (Role.HEAD,), get)

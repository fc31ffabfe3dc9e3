"""Two edits of one plan at once: who changed which field, and what the form shows then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.planform.fields import LABELS, Typed
from worker.plans.file import PlanSpec

_VALUE: Mapping[str, Callable[[PlanSpec], object]] = {
    "name": lambda spec: spec.name,
    "conversion_percent": lambda spec: spec.conversion_percent,
    "label_text": lambda spec: spec.label.text if spec.label else None,
    "managers": lambda spec: tuple((manager.id, manager.paused) for manager in spec.managers),
    "lgts": lambda spec: frozenset(spec.lgts),
    "offers_ordered": lambda spec: frozenset(spec.offers.ordered),
    "offers_payment_failed": lambda spec: frozenset(spec.offers.payment_failed),
    "offers_paid": lambda spec: frozenset(spec.offers.paid),
    "mode": lambda spec: spec.mode,
    "average_sale": lambda spec: spec.average_sale,
    "label_color": lambda spec: (spec.label.color or None) if spec.label else None,
}


@dataclass(frozen=True, slots=True)
class OtherEdit:
    """A version that was saved meanwhile: by whom, when, and which fields it changed."""

    version: int
    changed_by: str
    changed_at: datetime
    fields: tuple[str, ...]
    archived: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that both changed: the text that was typed, and the one that is stored."""

    typed: str
    stored: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The form after both edits. ``typed`` has the own value of each field in ``choices``."""

    typed: Mapping[str, str]
    choices: Mapping[str, Choice]
    taken_over: tuple[str, ...]


def changed(before: PlanSpec | None, after: PlanSpec) -> tuple[str, ...]:
    """The fields that differ, in the order of the form; all of them without a plan before."""
    return tuple(field for field in LABELS if field in _VALUE and _differs(field, before, after))


def merged(base: PlanSpec | None, mine: PlanSpec, theirs: PlanSpec, typed: Typed, stored: Typed) -> Merged:
    """Lay the form over the stored plan.

    ``base`` is the plan that the form began with, None where no such version is known; ``typed`` and ``stored`` are the
    texts of ``mine`` and ``theirs``.
    """
    texts, choices, taken_over = dict(typed), {}, []
    for field in changed(mine, theirs):
        if base is not None and not _differs(field, base, mine):
            texts[field] = stored[field]
            taken_over.append(field)
        elif base is None or _differs(field, base, theirs):
            choices[field] = Choice(typed[field], stored[field])
    return Merged(texts, choices, tuple(taken_over))


def _differs(field: str, one: PlanSpec | None, other: PlanSpec) -> bool:
    return one is None or _VALUE[field](one) != _VALUE[field](other)

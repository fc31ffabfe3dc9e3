"""The view model of the form: whatever was asked for or typed, with its outlook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.names import read_names
from console.page import Visit
from console.planform.faults import FieldFault, ShownFault, shown
from console.planform.fields import IN_ORDER, LABELS, Typed
from console.planform.known import MOST, KnownId, known_ids
from console.planform.merge import Choice, OtherEdit
from console.planform.outlook import Outlook, outlook
from console.planform.reading import FaultyFormError, Reading, decided, read
from db import query
from worker.plans import store
from worker.plans.change import Change, StoredPlan
from worker.plans.preview import preview
from worker.rules.event import Trigger

UNMATCHED = query("console/unmatched")
SWATCHES = (
    *("#dc2626", "#ea580c", "#facc15", "#65a30d", "#16a34a", "#0d9488"),
    *("#0284c7", "#2563eb", "#7c3aed", "#c026d3", "#78350f", "#475569"),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Others' edits, the fields that both changed, and those that the other alone changed."""

    edits: tuple[OtherEdit, ...]
    choices: Mapping[str, Choice]
    taken_over: tuple[str, ...]
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class PlanFormView:
    """The whole page. ``plan_id``, ``plan_name`` and ``version`` are those of the edited plan, None for a new one.

    ``source`` is where the values come from: the name of a copied plan, or an old version's number.
    """

    plan_id: str | None
    plan_name: str | None
    version: int | None
    typed: Typed
    faults: tuple[ShownFault, ...]
    outlook: Outlook
    known: Mapping[str, Sequence[KnownId]]
    is_begun: bool
    conflict: Conflict | None = None
    copied_plan: str | None = None
    copied_version: int | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    order: tuple[str, ...] = IN_ORDER
    swatches: tuple[str, ...] = SWATCHES

    @property
    def fault_of(self) -> Mapping[str, list[ShownFault]]:
        """The faults by field."""
        found: dict[str, list[ShownFault]] = {}
        for fault in self.faults:
            found.setdefault(fault.field, []).append(fault)
        return found


def version_of(text: str) -> int:
    """The number of a version; 0, which no version has, for all other texts."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def stored_plans(visit: Visit) -> store.Plans:
    """All plans of the account, by id."""
    return {plan.spec.id: plan for plan in await store.read(visit.connection, visit.person.account)}


async def form_view(
    visit: Visit,
    stored: store.Plans,
    before: StoredPlan | None,
    typed: Typed,
    *,
    faults: Sequence[FieldFault] = (),
    begun_at: int | None = None,
    **further: object,
) -> PlanFormView:
    """The form with what was typed.

    ``faults`` stand beside the fields. ``begun_at`` is the version that the form was opened with, None for that of
    ``before``. ``further`` are more fields of the view.
    """
    language = visit.call.language
    names = await read_names(visit.connection)
    rows = await visit.connection.fetch(UNMATCHED, list(Trigger), MOST)
    strays = [(row["trigger_kind"], row["ref"], row["times"]) for row in rows]
    reading = read(typed, visit.person.account, before)
    change = Change(before, reading.spec)
    forecasts = await preview(visit.connection, [change], language.zone)
    is_begun = before is not None or any(text for field, text in typed.items() if field != "mode")
    return PlanFormView(
        plan_id=before.spec.id if before else None,
        plan_name=before.spec.name if before else None,
        version=None if before is None else before.version if begun_at is None else begun_at,
        typed=typed,
        faults=shown(sorted(faults, key=lambda fault: IN_ORDER.index(fault.field)), language),
        outlook=outlook(
            reading,
            _faults(reading, visit, before, stored),
            change,
            stored,
            forecast=forecasts[0] if forecasts else None,
            names=names,
            language=language,
        ),
        known=known_ids(names, stored, before.spec.id if before else None, strays),
        is_begun=is_begun,
        **further,  # type: ignore[arg-type] # the fields with defaults
    )


def _faults(reading: Reading, visit: Visit, before: StoredPlan | None, stored: store.Plans) -> Sequence[FieldFault]:
    try:
        decided(reading, visit.person.account, before, stored)
    except FaultyFormError as error:
        return error.faults
    return ()

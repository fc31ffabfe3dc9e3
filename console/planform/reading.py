"""Reads the form: the plan that it means, or its faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console import numbers
from console.planform.faults import (
    ColorAlone,
    FieldFault,
    IdReserved,
    IdTaken,
    Needed,
    TwoNumbers,
    of_file,
)
from console.planform.fields import LISTS, Typed
from console.planform.lists import read_items
from console.planform.slug import RESERVED, made_id
from worker.plans import change as planchange
from worker.plans import store
from worker.plans.change import Change, StoredPlan
from worker.plans.faults import FaultKind, IdOfArchived, NotAmount
from worker.plans.file import PlanFile, PlanFileError, PlanSpec, check_plans

NUMBERS = ("conversion_percent", "average_sale")
NEEDED = ("name", *NUMBERS)


class FaultyFormError(Exception):
    """The form has faults, so it means no plan."""

    def __init__(self, faults: list[FieldFault]) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Reading:
    """The form without knowledge of other plans.

    ``spec`` is the plan, with empty values in place of those at fault; it may be saved only where there is no fault.
    """

    spec: PlanSpec
    faults: tuple[FieldFault, ...]


def read(typed: Typed, account: str, before: StoredPlan | None) -> Reading:
    """Read the form. ``before`` is the stored plan that it edits, None for a new one."""
    raw = _raw(typed, before)
    faults = list(_own_faults(typed, raw))
    at_fault = {fault.field for fault in faults}
    spec, more = _checked(account, raw, at_fault)
    faults += [fault for fault in more if fault.field not in at_fault]
    if more:
        spec, _ = _checked(account, raw, at_fault | {fault.field for fault in more})
    assert spec is not None  # noqa: S101 -- each value at fault has been replaced
    return Reading(_with_kept(spec, before), tuple(faults))


def decided(reading: Reading, account: str, before: StoredPlan | None, stored: store.Plans) -> Change:
    """The change that the form asks for. Raises FaultyFormError."""
    faults = list(reading.faults)
    if "id" not in (fault.field for fault in faults):
        faults += _faults_of_id(reading.spec, before, stored)
    file = PlanFile.model_construct(account=account, plans=(reading.spec,))
    others = {plan_id: plan for plan_id, plan in stored.items() if before is not None or plan_id != reading.spec.id}
    try:
        (change,) = planchange.apply_file(file, others)
    except PlanFileError as error:
        raise FaultyFormError([*faults, *of_file(error.faults, {})]) from None
    if faults:
        raise FaultyFormError(faults)
    return change


def _faults_of_id(spec: PlanSpec, before: StoredPlan | None, stored: store.Plans) -> Iterator[FieldFault]:
    if before is None and spec.id in stored:
        yield FieldFault("id", IdOfArchived(spec.id) if stored[spec.id].archived else IdTaken(spec.id))


def _raw(typed: Typed, before: StoredPlan | None) -> dict[str, Any]:
    """The plan as a plan file has it, with unread numbers."""
    label = {"text": typed["label_text"].strip()}
    if typed["label_color"].strip():
        label["color"] = typed["label_color"].strip()
    managers = read_items(typed["managers"], stars=True)
    lists = {field: [item.id for item in read_items(typed[field])] for field in LISTS if field != "managers"}
    return {
        "id": before.spec.id if before else typed["id"].strip() or made_id(typed["name"]),
        "name": typed["name"].strip(),
        "conversion_percent": typed["conversion_percent"],
        "average_sale": typed["average_sale"],
        "label": label if label["text"] else None,
        "managers": [{"id": item.id, "paused": item.paused} for item in managers],
        "lgts": lists["lgts"],
        "offers": {field.removeprefix("offers_"): lists[field] for field in LISTS if field.startswith("offers_")},
        "mode": typed["mode"],
    }


def _own_faults(typed: Typed, raw: dict[str, Any]) -> Iterator[FieldFault]:
    """The faults that only a form has. Puts the numbers into ``raw``."""
    for field in NEEDED:
        if not typed[field].strip():
            yield FieldFault(field, Needed())
        elif field in NUMBERS:
            try:
                raw[field] = numbers.read_number(typed[field])
            except numbers.NumberUnreadableError as error:
                yield FieldFault(field, _of_number(typed[field].strip(), error))
    if raw["id"] in RESERVED:
        yield FieldFault("id", IdReserved(raw["id"]))
    if typed["label_color"].strip() and raw["label"] is None:
        yield FieldFault("label_color", ColorAlone())


def _of_number(text: str, error: numbers.NumberUnreadableError) -> TwoNumbers | FaultKind:
    if not isinstance(error, numbers.NumberAmbiguousError) or len(text) > 20:
        return NotAmount()
    digits = "".join(filter(str.isdigit, text))
    whole = Decimal(digits)
    return TwoNumbers(text, whole, (whole / 1000).normalize())


def _checked(account: str, raw: dict[str, Any], at_fault: set[str]) -> tuple[PlanSpec | None, list[FieldFault]]:
    """Check the plan, with empty values in place of those at fault. Returns it, or the faults of other fields."""
    plan = _without(raw, at_fault)
    try:
        return check_plans({"account": account, "plans": [plan]}).plans[0], []
    except PlanFileError as error:
        items = {"managers": [item["id"] for item in plan["managers"]], "lgts": plan["lgts"]}
        items |= {f"offers_{event}": ids for event, ids in plan["offers"].items()}
        return None, list(of_file(error.faults, items))


def _without(raw: dict[str, Any], at_fault: set[str]) -> dict[str, Any]:
    empty: dict[str, Any] = {"id": "plan", "name": "-", "conversion_percent": Decimal(0), "average_sale": Decimal(0)}
    empty |= {"managers": [], "lgts": [], "mode": "even"}
    plan = raw | {field: value for field, value in empty.items() if field in at_fault}
    plan["offers"] = {event: [] if f"offers_{event}" in at_fault else ids for event, ids in raw["offers"].items()}
    label = raw["label"]
    if "label_text" in at_fault or label is None:
        del plan["label"]
    elif "label_color" in at_fault:
        plan["label"] = {"text": label["text"]}
    return plan


def _with_kept(spec: PlanSpec, before: StoredPlan | None) -> PlanSpec:
    """The plan, with the stored values of fields that the form does not have."""
    if before is None:
        return spec
    of_form = ("name", *NUMBERS, "label", "managers", "lgts", "offers", "mode")
    return before.spec.model_copy(update={field: getattr(spec, field) for field in of_form})

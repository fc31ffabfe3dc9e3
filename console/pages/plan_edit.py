"""`/plans/{plan}/edit`: changes a plan. If another head has changed it meanwhile, nobody's edit is lost."""

from __future__ import annotations

from console import errors
from console.asked import named
from console.database import Role
from console.errors import RefusalError
from console.page import Answer, Page, SeeOther, Shown, Visit
from console.pages.plan_new import with_added
from console.planform.fields import Typed, typed_in, typed_of
from console.planform.merge import OtherEdit, changed, merged
from console.planform.reading import FaultyFormError, Reading, decided, read
from console.planform.saving import save
from console.planform.view import Conflict, form_view, stored_plans, version_of
from db import query
from worker.plans import store
from worker.plans.change import Change, StoredPlan
from worker.plans.file import PlanSpec
from worker.postgres import Row

VERSIONS = query("console/versions")
MOST_EDITS = 20  # of others, that the page of a conflict names


class StaleFormError(Exception):
    """The plan was changed after the form was opened; ``plan`` is the plan of today."""

    def __init__(self, plan: StoredPlan) -> None:
        super().__init__(plan.version)
        self.plan = plan


async def get(visit: Visit) -> Answer:
    """The plan as it is; `version` fills the form with the values of an old version. An archived plan has no form."""
    stored, asked = await stored_plans(visit), visit.call.query
    plan = named(visit, stored.values())
    if plan.archived:
        return SeeOther(f"/plans/{plan.spec.id}")
    spec, copied = plan.spec, None
    if "version" in asked:
        copied = version_of(asked["version"])
        spec = await _old(visit, plan, copied)
    typed = with_added(typed_of(spec, visit.call.language), asked)
    return Shown("plan_form.html", await form_view(visit, stored, plan, typed, copied_version=copied))


async def post(visit: Visit) -> Answer:
    """Save, and go to the plan's page. Faults are 422, and a plan that was changed meanwhile is 409."""
    stored = await stored_plans(visit)
    plan = named(visit, stored.values())
    typed, account = typed_in(visit.call.form) | {"id": plan.spec.id}, visit.person.account
    if "mode" not in visit.call.form:
        typed["mode"] = plan.spec.mode.value
    reading = read(typed, account, plan)
    if reading.faults and not plan.archived:
        return await _faulty(visit, stored, plan, typed, FaultyFormError(list(reading.faults)))

    def decide(stored: store.Plans) -> list[Change]:
        today = stored[plan.spec.id]
        reading = read(typed, account, today)
        if today.archived or (today.version != _typed_version(visit) and changed(today.spec, reading.spec)):
            raise StaleFormError(today)
        return [decided(reading, account, today, stored)]

    try:
        await save(visit, decide)
    except StaleFormError as error:
        return await _conflict(visit, error.plan, reading, typed)
    except FaultyFormError as error:
        return await _faulty(visit, await stored_plans(visit), plan, typed, error)
    return SeeOther(f"/plans/{plan.spec.id}")


async def _faulty(visit: Visit, stored: store.Plans, plan: StoredPlan, typed: Typed, error: FaultyFormError) -> Answer:
    """The form keeps the version that it began with, so that a conflict is still found later."""
    view = await form_view(visit, stored, plan, typed, faults=error.faults, begun_at=_typed_version(visit))
    return Shown("plan_form.html", view, 422)


async def _conflict(visit: Visit, today: StoredPlan, reading: Reading, typed: Typed) -> Answer:
    versions = await _versions(visit, today)
    began = _typed_version(visit)
    base = next((spec for row, spec in versions if row["version"] == began), None)
    edits = tuple(_edits(versions, began if base is not None else today.version - 1))
    if today.archived:
        conflict = Conflict(edits, {}, (), is_archived=True)
        view = await form_view(visit, await stored_plans(visit), None, {**typed, "id": ""}, conflict=conflict)
    else:
        both = merged(base, reading.spec, today.spec, typed, typed_of(today.spec, visit.call.language))
        conflict = Conflict(edits, both.choices, both.taken_over)
        view = await form_view(visit, await stored_plans(visit), today, both.typed, conflict=conflict)
    return Shown("plan_form.html", view, 409)


def _edits(versions: list[tuple[Row, PlanSpec]], began: int) -> list[OtherEdit]:
    """The versions after the one that the form began with, newest first."""
    specs = {row["version"]: spec for row, spec in versions}
    later = [(row, spec) for row, spec in versions if row["version"] > began]
    return [
        OtherEdit(
            row["version"],
            row["changed_by"],
            row["changed_at"],
            changed(specs.get(row["version"] - 1), spec),
            row["archived"],
        )
        for row, spec in later[:MOST_EDITS]
    ]


async def _versions(visit: Visit, plan: StoredPlan) -> list[tuple[Row, PlanSpec]]:
    """All versions of the plan, newest first."""
    rows = await visit.connection.fetch(VERSIONS, plan.plan_no)
    return [(row, store.spec_of(plan.spec.id, row)) for row in rows]


async def _old(visit: Visit, plan: StoredPlan, version: int) -> PlanSpec:
    found = next((spec for row, spec in await _versions(visit, plan) if row["version"] == version), None)
    if found is None:
        raise RefusalError(errors.NOT_FOUND)
    return found


def _typed_version(visit: Visit) -> int:
    return version_of(visit.call.form.get("version"))


PAGE = Page("/plans/{plan}/edit", (Role.HEAD,), get, post)

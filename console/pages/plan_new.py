"""`/plans/new`: makes a plan, empty at first, or with the values of another one."""

from __future__ import annotations

from collections.abc import Mapping

from console import errors
from console.database import Role
from console.errors import RefusalError
from console.page import Answer, Page, SeeOther, Shown, Visit
from console.planform.fields import ADDED_BY, LIST_OF, blank, typed_in, typed_of
from console.planform.lists import with_item
from console.planform.reading import FaultyFormError, decided, read
from console.planform.saving import save
from console.planform.view import form_view, stored_plans
from worker.plans import store
from worker.plans.change import Change


async def get(visit: Visit) -> Answer:
    """The empty form. `copy` fills it with the values of that plan; `lgt`, `ordered` and so on add one id to a list."""
    stored, asked = await stored_plans(visit), visit.call.query
    typed, copied = blank(), None
    if "copy" in asked:
        if asked["copy"] not in stored:
            raise RefusalError(errors.NOT_FOUND)
        copied = stored[asked["copy"]].spec
        # An LGT is in one active plan only, and a copy needs a name of its own.
        typed = typed_of(copied, visit.call.language) | {"id": "", "lgts": ""}
        typed["name"] = visit.call.language.text(errors.N_("%(name)s (copy)")) % {"name": copied.name}
    view = await form_view(
        visit, stored, None, with_added(typed, asked), copied_plan=copied.name if copied is not None else None
    )
    return Shown("plan_form.html", view)


async def post(visit: Visit) -> Answer:
    """Make the plan, and go to its page. A form with faults comes back as it was typed."""
    typed, account = typed_in(visit.call.form), visit.person.account
    reading = read(typed, account, None)

    def decide(stored: store.Plans) -> list[Change]:
        return [decided(reading, account, None, stored)]

    try:
        change = await save(visit, decide)
    except FaultyFormError as error:
        view = await form_view(visit, await stored_plans(visit), None, typed, faults=error.faults)
        return Shown("plan_form.html", view, 422)
    return SeeOther(f"/plans/{change.plan_id}")


def with_added(typed: dict[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """The form with the ids that the address adds to its lists. Characters that no id has are left out."""
    for kind, name in ADDED_BY.items():
        if (id_ := asked.get(name, "")) and id_.isprintable():
            typed[LIST_OF[kind]] = with_item(typed[LIST_OF[kind]], id_)
    return typed


PAGE = Page("/plans/new", (Role.HEAD,), get, post)

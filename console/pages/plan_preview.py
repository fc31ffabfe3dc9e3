"""`/plans/preview`: the form as it was typed, with its outlook; nothing is saved."""

from __future__ import annotations

from console.database import Role
from console.page import Answer, Page, Shown, Visit
from console.planform.fields import typed_in
from console.planform.view import form_view, stored_plans, version_of


async def post(visit: Visit) -> Answer:
    """A form with a version edits the plan with its `id`; the script takes the outlook out of the page."""
    stored, form = await stored_plans(visit), visit.call.form
    before = stored.get(form.get("id")) if form.get("version") else None
    if before is not None and before.archived:
        before = None
    begun_at = version_of(form.get("version"))
    return Shown("plan_form.html", await form_view(visit, stored, before, typed_in(form), begun_at=begun_at))


PAGE = Page("/plans/preview", (Role.HEAD,), post=post)

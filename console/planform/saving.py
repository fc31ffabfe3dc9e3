"""Saves a form through the edits of the plan file, inside the visit's transaction."""

from __future__ import annotations

from collections.abc import Callable

from console.page import Visit
from console.planform.faults import FieldFault
from console.planform.reading import FaultyFormError
from worker.plans import store
from worker.plans.change import Change, PlanRefusedError
from worker.plans.faults import LgtTaken
from worker.plans.refusals import LgtLost


async def save(visit: Visit, decide: Callable[[store.Plans], list[Change]]) -> Change:
    """Write the one change of ``decide``, which is called while the account is locked.

    Raises FaultyFormError, and whatever ``decide`` raises.
    """
    try:
        changes = await store.edit(
            visit.connection, visit.person.account, decide, changed_by=visit.person.user, execute=True
        )
    except PlanRefusedError as error:
        lost = [refusal for refusal in error.faults if isinstance(refusal, LgtLost)]
        raise FaultyFormError([FieldFault("lgts", LgtTaken(each.lgt_id, each.holder)) for each in lost]) from None
    return changes[0]

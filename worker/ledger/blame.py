"""Whose fault it is that the database refuses a batch."""

from __future__ import annotations

from worker import postgres
from worker.rules.batch import Batch, Work
from worker.rules.event import Poison


class NobodysFaultError(Exception):
    """The database refuses what no record is to blame for; says its state and the constraint."""


def suspect(error: postgres.RefusedError, work: Work) -> Batch:
    """The batch, where one of its records can be what the database refuses.

    Raises NobodysFaultError where none can: the process ends with it, before it makes dead letters of good records.
    """
    if (
        isinstance(work, Batch)
        and postgres.may_blame_a_record(error)
        and not all(isinstance(event, Poison) for event in work.events)
    ):
        return work
    # Without the error itself: it may quote a row, and with it a lead.
    raise NobodysFaultError(
        f"the database refuses what no record is to blame for ({postgres.refusal(error)}); its log says more, "
        "and `salesplan verify` names what does not fit"
    ) from None

"""Whose fault it is that the database refuses a batch."""

from __future__ import annotations

from worker import postgres
from worker.rules.batch import Batch
from worker.rules.event import Poison


class NobodysFaultError(Exception):
    """The database refuses what no record is to blame for; says its state and the constraint."""


def refuse_to_blame(error: postgres.RefusedError, batch: Batch) -> None:
    """Raises NobodysFaultError where no record of the batch can be what the database refuses.

    The process ends with it, before it makes dead letters of good records.
    """
    if not postgres.may_blame_a_record(error) or all(isinstance(event, Poison) for event in batch.events):
        # Without the error itself: it may quote a row, and with it a lead.
        raise NobodysFaultError(
            f"the database refuses what no record is to blame for ({postgres.refusal(error)}); its log says more, "
            "and `salesplan verify` names what does not fit"
        ) from None

"""Tells records that are to blame for a refusal of the database from bugs of this program."""

from __future__ import annotations

from worker import postgres
from worker.failures import Fate, fate_of
from worker.rules.batch import Batch
from worker.rules.event import Poison


def require_suspect(error: postgres.RefusedError, batch: Batch) -> None:
    """Raises NobodysFaultError where no record of the batch is to blame, and the error itself where it is a bug.

    The process ends with either, before it makes dead letters of good records. Records that are dead letters already
    are to blame for nothing.
    """
    fate = fate_of(error)
    if fate is Fate.BUG:
        raise error
    if fate is not Fate.BLAME_A_RECORD or all(isinstance(event, Poison) for event in batch.events):
        raise postgres.NobodysFaultError(error) from None

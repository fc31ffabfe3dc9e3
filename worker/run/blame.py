"""Distinguishes records that cause a refusal of the database from bugs of this program."""

from __future__ import annotations

from worker import postgres
from worker.failures import Fate, fate_of
from worker.rules.batch import Batch, Work
from worker.rules.event import Poison


def suspect(error: postgres.RefusedError, work: Work) -> Batch:
    """Return the batch if one of its records may be to blame.

    Raises ``error`` itself if it is a bug, and NobodysFaultError if no record is to blame. Either one ends the process
    before it makes dead letters of good records. A record that is already a dead letter is never to blame.
    """
    fate = fate_of(error)
    if fate is Fate.BUG:
        raise error
    blames = fate is Fate.BLAME_A_RECORD
    if blames and isinstance(work, Batch) and not all(isinstance(event, Poison) for event in work.events):
        return work
    raise postgres.NobodysFaultError(error) from None

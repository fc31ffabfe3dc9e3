"""The facts that a batch's decisions need, as values. Pure: imports only the standard library and what is pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from worker.rules.event import Arrival
from worker.rules.ids import LeadKey, PlanLead, PlanNo


class Counters(NamedTuple):
    """A plan's counter row: its last ``plan_seq``, how many leads wait, and two figures of each manager.

    By roster index: how many leads the manager has, and the ``plan_seq`` of the latest, 0 for none.
    """

    last_seq: int
    waiting: int
    assigned: Sequence[int]
    last_seqs: Sequence[int]


class Backlog(NamedTuple):
    """The leads that have waited longest in a plan, in order of arrival, and the arrival number of the last of them."""

    leads: Sequence[Arrival]
    last_arrival_no: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database holds about a batch, read while its plans are locked.

    ``backlogs`` holds only plans with an active manager: all leads in it are assigned by the batch.
    ``linked`` names the leads that enter linked plans, from the batch and from backlogs; ``contacts`` and ``owners``
    are theirs.
    """

    first_arrival_no: int  # of the batch's first record; each further record has the next
    counters: Mapping[PlanNo, Counters]  # by plan number
    backlogs: Mapping[PlanNo, Backlog] = field(default_factory=dict)  # by plan number
    assigned: Iterable[PlanLead] = ()  # leads of the batch that their plans have already
    waiting: Iterable[PlanLead] = ()  # leads of the batch that wait in their plans already
    linked: Collection[LeadKey] = ()
    contacts: Iterable[tuple[str, str, str, datetime, int]] = ()  # account, lead, manager, when, arrival number
    owners: Iterable[tuple[str, str, str, str]] = ()  # account, lead, plan, its manager; oldest assignment first

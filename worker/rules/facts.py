"""The facts that a batch's decisions need, as values. Pure: imports only the standard library and pure modules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from worker.rules.event import Entry
from worker.rules.ids import LeadKey, PlanLead, PlanNo


class Counters(NamedTuple):
    """A plan's counter row: its last ``plan_seq``, the number of waiting leads, and two figures for each manager.

    ``assigned`` and ``last_seqs`` go by roster index: the manager's leads, and the ``plan_seq`` of the latest, 0 for
    none.
    """

    last_seq: int
    waiting: int
    assigned: Sequence[int]
    last_seqs: Sequence[int]


class Backlog(NamedTuple):
    """The oldest waiting leads of a plan, in the order of their arrival numbers, and the last of these numbers."""

    leads: Sequence[Entry]
    last_arrival_no: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The database's knowledge about a batch. The worker reads it while it holds the locks of the plans.

    ``backlogs`` has only plans with an active manager, and the batch assigns all leads in it. ``linked_leads`` are the
    leads that enter linked plans, from the batch and from backlogs. ``contacts`` and ``owners`` belong to these leads.
    """

    first_arrival_no: int  # of the batch's first record; the next records have the next numbers
    counters: Mapping[PlanNo, Counters]  # by plan number
    backlogs: Mapping[PlanNo, Backlog] = field(default_factory=dict)  # by plan number
    assigned: Iterable[PlanLead] = ()  # leads of the batch that already have a manager in this plan
    waiting: Iterable[PlanLead] = ()  # leads of the batch that already wait in this plan
    linked_leads: Collection[LeadKey] = ()
    contacts: Iterable[tuple[str, str, str, datetime, int]] = ()  # account, lead, manager, when, arrival number
    owners: Iterable[tuple[str, str, str, str]] = ()  # account, lead, plan, its manager; oldest assignment first

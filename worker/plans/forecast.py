"""Forecasts who gets the next leads of a plan, as values. Pure.

A forecast runs the rules' own ``choose`` forward on a copy of the counts. It is exact for leads that no manager knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from worker.rules.choose import NO_LINKS, Shares, choose
from worker.rules.facts import Counters
from worker.rules.ids import RosterIndex
from worker.rules.plan import Mode, Plan

MOST_DECISIONS = 5_000  # with 200 managers they take 20 ms
FEWEST_DECISIONS = 20
PACE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """The number of leads that the plan assigned in the 7 days before ``now``. ``now`` is in the reader's zone."""

    leads: int
    now: datetime

    @property
    def per_day(self) -> float:
        """Leads a day."""
        return self.leads / PACE_DAYS


@dataclass(frozen=True, slots=True)
class Share:
    """A manager, and a number of leads: those that the manager has in the plan, or those that come before the first."""

    manager_id: str
    leads: int


@dataclass(frozen=True, slots=True)
class Moves:
    """The managers whom the change makes active or stops, in the order of the plan or of its roster."""

    joins: tuple[str, ...] = ()  # never were in the plan
    returns: tuple[Share, ...] = ()  # were paused or removed
    stops: tuple[str, ...] = ()  # are paused or removed


@dataclass(frozen=True, slots=True)
class Duration:
    """The time that a run of leads takes at the pace. It ends on the day ``until``; ``today`` is the reader's."""

    days: float
    today: date
    until: date


@dataclass(frozen=True, slots=True)
class NobodyActive:
    """All leads wait, because the plan has no active manager."""


@dataclass(frozen=True, slots=True)
class TakesNoMore:
    """The plan is archived: no lead enters it."""


@dataclass(frozen=True, slots=True)
class OnlyActive:
    """One manager is active, and gets every lead."""

    manager_id: str


@dataclass(frozen=True, slots=True)
class CatchesUp:
    """Those who catch up get the next ``run`` leads, and their colleagues get none meanwhile.

    ``is_exact`` is False if the run is longer than the forecast. ``lasts`` is None if no pace is known.
    """

    run: int
    lasts: Duration | None
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class ByTurns:
    """Active managers get leads by turns, at first in the order ``managers``.

    Those in ``late`` get their first one after so many leads, because they have more than the others. If ``is_exact``
    is False, the forecast ends before that.
    """

    managers: tuple[str, ...]
    late: tuple[Share, ...] = ()
    is_exact: bool = True


Prospect = NobodyActive | TakesNoMore | OnlyActive | CatchesUp | ByTurns


@dataclass(frozen=True, slots=True)
class Forecast:
    """The managers who get the next leads of a plan, after a change or without one.

    ``next_managers`` has one manager for each of the next leads, waiting ones first, until everybody active has one.
    ``catching_up`` are managers whom the change makes active, or those far behind if it makes nobody active.
    ``colleagues`` are the other active managers.
    """

    plan_id: str
    is_linked: bool
    moves: Moves
    catching_up: tuple[str, ...]
    colleagues: tuple[Share, ...]
    waiting: int
    pace: Pace
    next_managers: tuple[str, ...]
    prospect: Prospect

    @property
    def run(self) -> int:
        """The number of leads that those who catch up get before a colleague gets one; 0 without colleagues."""
        return self.prospect.run if isinstance(self.prospect, CatchesUp) else 0


def forecast(before: Plan | None, after: Plan, counters: Counters, pace: Pace) -> Forecast:
    """Forecast the leads of the plan ``after``, which follows ``before``. ``counters`` go by the roster of ``after``.

    ``before`` is None for a new plan.
    """
    started = [index for index in after.active if not _is_active(before, after.roster[index])]
    catching_up = started or _far_behind(after, counters.assigned)
    colleagues = [index for index in after.active if index not in set(catching_up)]
    ahead = _run_forward(after, counters, frozenset(colleagues))
    return Forecast(
        plan_id=after.plan_id,
        is_linked=after.mode is Mode.LINKED,
        moves=_moves(before, after, started, counters.assigned),
        catching_up=_names(after, catching_up),
        colleagues=tuple(Share(after.roster[index], counters.assigned[index]) for index in colleagues),
        waiting=counters.waiting,
        pace=pace,
        next_managers=_names(after, ahead.indexes),
        prospect=_prospect(after, ahead, counters.waiting, pace),
    )


def forecast_archived(plan: Plan, counters: Counters, pace: Pace) -> Forecast:
    """The forecast of archiving the plan: nobody gets a lead."""
    linked = plan.mode is Mode.LINKED
    return Forecast(plan.plan_id, linked, Moves(), (), (), counters.waiting, pace, (), TakesNoMore())


def _is_active(plan: Plan | None, manager_id: str) -> bool:
    return plan is not None and manager_id in plan.active_indexes


def _far_behind(plan: Plan, assigned: Sequence[int]) -> list[RosterIndex]:
    """The active managers who are more than one lead behind the first. Turns alone leave nobody so far behind."""
    most = max((assigned[index] for index in plan.active), default=0)
    return [index for index in plan.active if assigned[index] < most - 1]


def _moves(before: Plan | None, after: Plan, started: Sequence[RosterIndex], assigned: Sequence[int]) -> Moves:
    known = before.roster if before else ()
    stopped = [name for name in (before.active_indexes if before else ()) if name not in after.active_indexes]
    return Moves(
        joins=tuple(after.roster[index] for index in started if after.roster[index] not in known),
        returns=tuple(Share(after.roster[index], assigned[index]) for index in started if after.roster[index] in known),
        stops=tuple(stopped),
    )


class _Ahead(NamedTuple):
    """The managers of the next leads, and how many leads come before a colleague's first; 0 without colleagues."""

    indexes: Sequence[RosterIndex]
    run: int
    is_exact: bool = True


def _run_forward(plan: Plan, counters: Counters, colleagues: frozenset[RosterIndex]) -> _Ahead:
    """Decide until everybody active has a lead and the run has ended, and at least ``FEWEST_DECISIONS`` times.

    ``MOST_DECISIONS`` is the limit.
    """
    indexes: list[RosterIndex] = []
    missing = set(plan.active)
    run = None if colleagues else 0
    for index in islice(_decisions(plan, counters), MOST_DECISIONS):
        if run is None and index in colleagues:
            run = len(indexes)
        indexes.append(index)
        missing.discard(index)
        if run is not None and not missing and len(indexes) >= FEWEST_DECISIONS:
            break
    return _Ahead(indexes, run) if run is not None else _Ahead(indexes, len(indexes), is_exact=False)


def _decisions(plan: Plan, counters: Counters) -> Iterator[RosterIndex]:
    """The managers of all leads to come. Nothing if nobody is active."""
    shares = Shares(plan, counters.last_seq, counters.assigned, counters.last_seqs)
    while plan.active:
        index, _ = choose(plan, shares, NO_LINKS)
        shares.give(index)
        yield index


def _prospect(plan: Plan, ahead: _Ahead, waiting: int, pace: Pace) -> Prospect:
    if not plan.active:
        return NobodyActive()
    if len(plan.active) == 1:
        return OnlyActive(plan.roster[plan.active[0]])
    if ahead.run:
        return CatchesUp(ahead.run, _duration(ahead.run - waiting, pace), ahead.is_exact)
    return _by_turns(plan, ahead.indexes)


def _by_turns(plan: Plan, indexes: Sequence[RosterIndex]) -> ByTurns:
    first_round = dict.fromkeys(indexes[: len(plan.active)])
    others = [index for index in plan.active if index not in first_round]
    late = [Share(plan.roster[index], indexes.index(index) if index in indexes else len(indexes)) for index in others]
    return ByTurns(_names(plan, first_round), tuple(late), is_exact=set(others) <= set(indexes))


def _names(plan: Plan, indexes: Iterable[RosterIndex]) -> tuple[str, ...]:
    return tuple(plan.roster[index] for index in indexes)


def _duration(leads: int, pace: Pace) -> Duration | None:
    """The time until so many leads have come. Waiting leads take no time."""
    if not pace.leads:
        return None
    days = max(leads, 0) / pace.per_day
    try:
        return Duration(days, pace.now.date(), (pace.now + timedelta(days=days)).date())
    except OverflowError:  # a few leads in a week, and a run of thousands
        return None

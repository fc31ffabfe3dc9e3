"""Forecasts of plan edits: reads the pace of the plans, and gives the rules their versions before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from db import query
from worker import postgres
from worker.plans.change import Change, StoredPlan
from worker.plans.for_rules import as_version, in_force
from worker.plans.forecast import Forecast, Pace, forecast, forecast_archived
from worker.rules.facts import Counters

PACE = query("plans/pace")


async def preview(
    connection: postgres.Connection, changes: Iterable[Change], zone: tzinfo | None = None
) -> list[Forecast]:
    """A forecast for each change of an existing plan. ``zone`` is the reader's, None for that of this machine."""
    existing = [(change, change.before) for change in changes if change.before]
    paces = await read_paces(connection, [plan.plan_no for _, plan in existing], zone) if existing else {}
    return [_forecast(change, before, paces[before.plan_no]) for change, before in existing]


async def read_paces(
    connection: postgres.Connection, plan_nos: Iterable[int], zone: tzinfo | None = None
) -> Mapping[int, Pace]:
    """The pace of each plan, by number. A login of heads must have entered its account."""
    rows = await connection.fetch(PACE, [*plan_nos])
    return {row["plan_no"]: Pace(row["leads"], row["now"].astimezone(zone)) for row in rows}


def _forecast(change: Change, before: StoredPlan, pace: Pace) -> Forecast:
    roster = (*before.roster, *change.newcomers)
    after = as_version(before, change.after, change.version, roster)
    counters = Counters(
        before.last_seq,
        before.waiting,
        [before.assigned.get(manager, 0) for manager in roster],
        [before.last_seqs.get(manager, 0) for manager in roster],
    )
    if change.archived:
        return forecast_archived(after, counters, pace)
    return forecast(in_force(before), after, counters, pace)

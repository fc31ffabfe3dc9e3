"""Counts how many clients of a plan came to a manager lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.days import numbers_before
from worker.plans.change import StoredPlan
from worker.postgres import Connection

A_DAY = timedelta(days=1)


async def span_of_a_day(connection: Connection, plan_id: str, now: datetime) -> tuple[int, int]:
    """The number of the plan's last client more than 24 hours ago, and that of its last client of all."""
    since, until = now - A_DAY, now + A_DAY  # until: the database's clock may be ahead
    numbers = await numbers_before(connection, plan_id, [since, until])
    return numbers.get(since, 0), numbers.get(until, 0)


async def came_in_a_day(connection: Connection, plan: StoredPlan, now: datetime) -> int:
    """The number of clients in the last 24 hours."""
    above, up_to = await span_of_a_day(connection, plan.spec.id, now)
    return up_to - above

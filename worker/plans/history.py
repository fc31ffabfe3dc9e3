"""Reads old versions of plans, to make past decisions again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import orjson

from db import query
from worker import postgres
from worker.rules.choose import Links
from worker.rules.ids import index_by_manager
from worker.rules.plan import Mode, Plan

READ_KEPT_VERSIONS = query("plans/read_kept_versions")


class PlanVersion(NamedTuple):
    """One version of a plan, its managers in the plan's order, and the time when it came into force."""

    plan: Plan
    managers: tuple[str, ...]
    changed_at: datetime


async def read_versions(
    connection: postgres.Connection, plan_no: int | None = None, version: int | None = None
) -> dict[tuple[int, int], PlanVersion]:
    """All versions of all plans, or one version of one plan. The keys are plan number and version."""
    rows = await connection.fetch(READ_KEPT_VERSIONS, plan_no, version)
    return {(row["plan_no"], row["version"]): _version(row) for row in rows}


def links_of(stored: str | None) -> Links | None:
    """Parse the links of an assignment. None where the plan does not use links."""
    if stored is None:
        return None
    found = orjson.loads(stored)
    return Links(tuple(found["contacts"]), tuple((plan, manager) for plan, manager in found["plans"]))


def _version(row: postgres.Row) -> PlanVersion:
    roster = tuple(row["roster"])
    indexes = index_by_manager(roster)
    active = zip(row["managers"], row["active"], strict=True)
    plan = Plan(
        plan_no=row["plan_no"],
        account_id=row["account_id"],
        plan_id=row["plan_id"],
        version=row["version"],
        name=row["name"],
        mode=Mode(row["mode"]),
        label=None,
        roster=roster,
        active=tuple(indexes[manager] for manager, is_active in active if is_active and manager in indexes),
        refs={},
    )
    return PlanVersion(plan, tuple(row["managers"]), row["changed_at"])

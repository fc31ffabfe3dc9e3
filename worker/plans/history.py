"""Plans as they were: what a past decision is made again with."""

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


class Kept(NamedTuple):
    """One version of a plan, archived or not, its managers in the plan's order, and since when it was in force."""

    plan: Plan
    managers: tuple[str, ...]
    changed_at: datetime


async def read_kept(
    connection: postgres.Connection, plan_no: int | None = None, version: int | None = None
) -> dict[tuple[int, int], Kept]:
    """All versions of all plans by number and version, or the one asked for."""
    rows = await connection.fetch(READ_KEPT_VERSIONS, plan_no, version)
    return {(row["plan_no"], row["version"]): _kept(row) for row in rows}


def links_of(stored: str | None) -> Links | None:
    """The links kept with an assignment; None in plans that ask for none."""
    if stored is None:
        return None
    found = orjson.loads(stored)
    return Links(tuple(found["contacts"]), tuple((plan, manager) for plan, manager in found["plans"]))


def _kept(row: postgres.Row) -> Kept:
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
    return Kept(plan, tuple(row["managers"]), row["changed_at"])

"""Edits of plans, and what is stored of them."""

import asyncpg

from worker.plans import store as planstore
from worker.plans.change import Change
from worker.plans.file import PlanFile, parse
from worker.postgres import Connection


def file(account: str = "acme", **plans: str) -> PlanFile:
    """Plans by id, each with its further fields as YAML in one line."""
    lines = [f"account: {account}", "plans:"]
    for plan_id, fields in plans.items():
        defaults = {"name": "N", "conversion_percent": "10", "average_sale": "1", "managers": "[anna, boris]"}
        given = "".join(f"{name}: {value}, " for name, value in defaults.items() if f"{name}:" not in fields)
        lines.append(f"  - {{id: {plan_id.replace('_', '-')}, {given}{fields}}}")
    return parse("\n".join(lines))


async def apply(connection: Connection, plans: PlanFile, by: str = "olga") -> list[Change]:
    return await planstore.apply(connection, plans, changed_by=by, execute=True)


async def lgts(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch(
        "select l.lgt_id, p.plan_id from salesplan.plan_lgt l join salesplan.plan p using (plan_no) order by 1"
    )
    return {row["lgt_id"]: row["plan_id"] for row in rows}


async def revision(connection: Connection) -> int:
    found: int = await connection.fetchval("select revision from salesplan.plan_book")
    return found


async def versions(connection: Connection, plan_id: str) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select v.* from salesplan.plan_version v join salesplan.plan p using (plan_no) where p.plan_id = $1 "
        "order by v.version",
        plan_id,
    )

"""Reads the plan book for workers: one consistent snapshot, and later only what changed."""

from __future__ import annotations

from db import query
from worker import postgres
from worker.rules.event import Trigger
from worker.rules.ids import RosterIndex, index_by_manager
from worker.rules.plan import Label, Mode, Plan, PlanBook

REVISION = query("plans/revision")
CHANGED = query("plans/changed")


async def load_changes(connection: postgres.Connection, book: PlanBook) -> PlanBook:
    """``book`` with all that was committed since; an empty book becomes the whole. In no transaction."""
    async with postgres.transaction(connection, isolation="repeatable_read", readonly=True):
        revision: int = await connection.fetchval(REVISION)
        if revision == book.revision:
            return book
        if revision < book.revision:  # a restored database: what is held may never have happened
            book = PlanBook.empty()
        rows = await connection.fetch(CHANGED, book.revision)
    archived = [row["plan_no"] for row in rows if row["archived"]]
    return book.with_changes(revision, [_plan(row) for row in rows if not row["archived"]], archived)


def _plan(row: postgres.Row) -> Plan:
    roster = tuple(row["roster"])
    return Plan(
        plan_no=row["plan_no"],
        account_id=row["account_id"],
        plan_id=row["plan_id"],
        version=row["version"],
        name=row["name"],
        mode=Mode(row["mode"]),
        label=Label(row["label_text"], row["label_color"]) if row["label_text"] is not None else None,
        roster=roster,
        active=_active(roster, row["managers"], row["active"]),
        refs={
            Trigger.SUBSCRIPTION: tuple(row["lgts"]),
            Trigger.ORDER: tuple(row["ordered"]),
            Trigger.FAILED_PAYMENT: tuple(row["payment_failed"]),
            Trigger.PAID: tuple(row["paid"]),
        },
    )


def _active(roster: tuple[str, ...], managers: list[str], active: list[bool]) -> tuple[RosterIndex, ...]:
    indexes = index_by_manager(roster)
    return tuple(indexes[manager] for manager, is_active in zip(managers, active, strict=True) if is_active)

"""Reads and edits plans in Postgres. Each edit is one transaction.

Edits take their locks in one order, like batches: the account's row, the counters of the changed plans by number, the
LGTs sorted, the plan book. See ``db/queries/plans/``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from db import query
from worker import postgres
from worker.plans import change as planchange
from worker.plans.change import Change, PlanRefusedError, StoredPlan
from worker.plans.file import Manager, Offers, PlanFile, PlanSpec, Tag
from worker.plans.refusals import LgtLost
from worker.postgres import sequences
from worker.rules.plan import Mode

READ = query("plans/read")
ADD_ACCOUNT = query("plans/add_account")
LOCK_ACCOUNT = query("plans/lock_account")
LOCK_COUNTERS = query("plans/lock_counters")
ADD = query("plans/add")
ADD_COUNTERS = query("plans/add_counters")
FREE_LGTS = query("plans/free_lgts")
GIVE_LGTS = query("plans/give_lgts")
FIND_HOLDERS = query("plans/find_holders")
RAISE_REVISION = query("plans/raise_revision")
KEEP_VERSIONS = query("plans/keep_versions")
MOVE = query("plans/move")
GROW_COUNTERS = query("plans/grow_counters")
NOTIFY = query("plans/notify")

Plans = Mapping[str, StoredPlan]


async def apply(connection: postgres.Connection, file: PlanFile, *, changed_by: str, execute: bool) -> list[Change]:
    """Make the stored plans equal to the file's, all or none. Other plans stay. Without ``execute`` nothing is written.

    Raises PlanFileError, PlanRefusedError, SequencesBehindError.
    """
    return await edit(
        connection,
        file.account,
        lambda stored: planchange.apply_file(file, stored),
        changed_by=changed_by,
        execute=execute,
    )


async def set_paused(
    connection: postgres.Connection,
    account_id: str,
    plan_id: str,
    manager_id: str,
    *,
    paused: bool,
    changed_by: str,
    execute: bool,
) -> Change:
    """Pause a manager of a plan, or resume. Raises PlanRefusedError."""
    changes = await edit(
        connection,
        account_id,
        lambda stored: [planchange.set_paused(plan_id, manager_id, paused=paused, stored=stored)],
        changed_by=changed_by,
        execute=execute,
    )
    return changes[0]


async def archive(
    connection: postgres.Connection, account_id: str, plan_id: str, *, changed_by: str, execute: bool
) -> Change:
    """Archive a plan. Raises PlanRefusedError."""
    changes = await edit(
        connection,
        account_id,
        lambda stored: [planchange.archive(plan_id, stored)],
        changed_by=changed_by,
        execute=execute,
    )
    return changes[0]


async def edit(
    connection: postgres.Connection,
    account_id: str,
    decide: Callable[[Plans], list[Change]],
    *,
    changed_by: str,
    execute: bool,
) -> list[Change]:
    """Pass the account's plans to ``decide`` and write its changes. The account is locked, so no edit is lost."""
    async with postgres.transaction(connection, readonly=not execute):
        if execute:
            await connection.execute(ADD_ACCOUNT, account_id)
            await connection.execute(LOCK_ACCOUNT, account_id)
        changes = decide({plan.spec.id: plan for plan in await read(connection, account_id)})
        if execute and (changed := [change for change in changes if change.kind != "unchanged"]):
            await _write(connection, account_id, changed, changed_by)
    return changes


async def read(connection: postgres.Connection, account_id: str | None = None) -> list[StoredPlan]:
    """The plans of one account or of all, including archived ones, sorted by account and id."""
    return [_stored(row) for row in await connection.fetch(READ, account_id)]


async def _write(connection: postgres.Connection, account_id: str, changes: Sequence[Change], changed_by: str) -> None:
    numbers = {change.plan_id: change.before.plan_no for change in changes if change.before}
    new = [change.plan_id for change in changes if not change.before]
    if new:
        await sequences.refuse_behind(connection)
    await connection.execute(LOCK_COUNTERS, [*numbers.values()])
    added = {row["plan_id"]: row["plan_no"] for row in await connection.fetch(ADD, account_id, new)}
    await connection.execute(ADD_COUNTERS, [*added.values()])
    numbers |= added
    await _move_lgts(connection, account_id, changes, numbers)
    revision, changed_at = await connection.fetchrow(RAISE_REVISION) or (0, None)
    rows = json.dumps([_version_row(change, numbers[change.plan_id]) for change in changes])
    await connection.execute(KEEP_VERSIONS, rows, changed_by, changed_at)
    await connection.execute(MOVE, rows, revision)
    newcomers = [len(change.newcomers) for change in changes]
    await connection.execute(GROW_COUNTERS, [numbers[change.plan_id] for change in changes], newcomers)
    await connection.execute(NOTIFY, revision)


async def _move_lgts(
    connection: postgres.Connection, account_id: str, changes: Sequence[Change], numbers: Mapping[str, int]
) -> None:
    await connection.execute(FREE_LGTS, [numbers[change.plan_id] for change in changes])
    wanted = {lgt: change.plan_id for change in changes if not change.archived for lgt in change.after.lgts}
    plan_nos = [numbers[plan_id] for plan_id in wanted.values()]
    moved = {row["lgt_id"] for row in await connection.fetch(GIVE_LGTS, account_id, [*wanted], plan_nos)}
    if missing := wanted.keys() - moved:
        holders = await connection.fetch(FIND_HOLDERS, account_id, sorted(missing))
        raise PlanRefusedError([LgtLost(wanted[lgt], lgt, holder) for lgt, holder in holders])


def _version_row(change: Change, plan_no: int) -> dict[str, Any]:
    spec = change.after
    return {
        "plan_no": plan_no,
        "version": change.version,
        "archived": change.archived,
        "newcomers": change.newcomers,
        "name": spec.name,
        "conversion_percent": str(spec.conversion_percent),
        "average_sale": str(spec.average_sale),
        "label_text": spec.label.text if spec.label else None,
        "label_color": spec.label.color if spec.label else None,
        "mode": spec.mode.value,
        "managers": [manager.id for manager in spec.managers],
        "active": [not manager.paused for manager in spec.managers],
        "lgts": spec.lgts,
        "ordered": spec.offers.ordered,
        "payment_failed": spec.offers.payment_failed,
        "paid": spec.offers.paid,
    }


def _stored(row: postgres.Row) -> StoredPlan:
    return StoredPlan(
        plan_no=row["plan_no"],
        account_id=row["account_id"],
        spec=spec_of(row["plan_id"], row),
        version=row["version"],
        archived=row["archived"],
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
        roster=tuple(row["roster"]),
        assigned=dict(zip(row["roster"], row["assigned"], strict=True)),
        waiting=row["waiting"],
        last_seq=row["last_seq"],
        last_seqs=dict(zip(row["roster"], row["last_seqs"], strict=True)),
    )


def spec_of(plan_id: str, row: postgres.Row) -> PlanSpec:
    """Build the plan from the row of one of its versions, without checks: every stored plan must stay readable."""
    text = row["label_text"]
    return PlanSpec.model_construct(
        id=plan_id,
        name=row["name"],
        conversion_percent=row["conversion_percent"],
        average_sale=row["average_sale"],
        label=Tag.model_construct(text=text, color=row["label_color"]) if text is not None else None,
        managers=tuple(
            Manager.model_construct(id=manager, paused=not active)
            for manager, active in zip(row["managers"], row["active"], strict=True)
        ),
        lgts=tuple(row["lgts"]),
        offers=Offers.model_construct(
            ordered=tuple(row["ordered"]),
            payment_failed=tuple(row["payment_failed"]),
            paid=tuple(row["paid"]),
        ),
        mode=Mode(row["mode"]),
    )

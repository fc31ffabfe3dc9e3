"""Every decision made again by the same pure function, from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from db import query
from worker import postgres
from worker.plans.history import Kept, links_of, read_kept
from worker.rules.choose import NO_LINKS, Shares, choose
from worker.rules.ids import RosterIndex
from worker.rules.plan import Plan
from worker.verify.checks import STATEMENT_TIMEOUT
from worker.verify.report import Violation

READ_DECISIONS = query("verify/decisions")
PREFETCH = 2000


@dataclass(slots=True)
class Recomputing:
    """Walks the ledger in order of (plan, plan_seq), and keeps count of what was shared out up to there.

    The counts follow the ledger, not the recomputation: one wrong decision is one violation.
    """

    kept: Mapping[tuple[int, int], Kept]
    limit: int
    count: int = 0
    examples: list[str] = field(default_factory=list)
    _plan: Plan | None = None
    _shares: Shares | None = None

    def see(self, row: postgres.Row) -> None:
        """Decide again about one assignment, and count it."""
        kept = self.kept.get((row["plan_no"], row["plan_version"]))
        if kept is None:  # told as I6
            return
        plan, shares = kept.plan, self._shares_of(kept.plan)
        if row["manager_id"] not in plan.roster:
            self._tell(plan, row, "he was never in the plan")
            return
        if wrong := _wrong(plan, shares, row):
            self._tell(plan, row, wrong)
        shares.last_seq = row["plan_seq"] - 1
        shares.give(RosterIndex(plan.roster.index(row["manager_id"])))

    def _shares_of(self, plan: Plan) -> Shares:
        before, shares = self._plan, self._shares
        if before is plan and shares is not None:
            return shares
        if before is None or shares is None or before.plan_no != plan.plan_no:
            nobody = [0] * len(plan.roster)
            shares = Shares(plan, 0, nobody, nobody)
        else:
            shares = Shares(plan, shares.last_seq, shares.assigned, shares.last_seqs)
        self._plan, self._shares = plan, shares
        return shares

    def _tell(self, plan: Plan, row: postgres.Row, why: str) -> None:
        self.count += 1
        if len(self.examples) < self.limit:
            self.examples.append(
                f"{plan.account_id}/{plan.plan_id} number {row['plan_seq']}, lead {row['lead_id']}: "
                f"{row['manager_id']} ({row['reason']}) has it; {why}"
            )


def _wrong(plan: Plan, shares: Shares, row: postgres.Row) -> str | None:
    if not plan.active:
        return "nobody was active"
    index, reason = choose(plan, shares, links_of(row["links"]) or NO_LINKS)
    if (plan.roster[index], reason) == (row["manager_id"], row["reason"]):
        return None
    return f"the rules give {plan.roster[index]} ({reason})"


async def recompute(connection: postgres.Connection, limit: int) -> list[Violation]:
    """Decisions that the rules do not give. Within a transaction."""
    recomputing = Recomputing(await read_kept(connection), limit)
    async for row in connection.cursor(READ_DECISIONS, prefetch=PREFETCH, timeout=STATEMENT_TIMEOUT):
        recomputing.see(row)
    if not recomputing.count:
        return []
    message = "a decision is not what the rules give"
    return [Violation("I7", message, recomputing.count, tuple(recomputing.examples))]

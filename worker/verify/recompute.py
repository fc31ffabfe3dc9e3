"""Makes every decision of the ledger again, with the same pure function that workers use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from db import query
from worker import postgres
from worker.plans.history import PlanVersion, links_of, read_versions
from worker.rules.choose import NO_LINKS, Shares, choose
from worker.rules.ids import RosterIndex
from worker.rules.plan import Plan
from worker.verify.checks import STATEMENT_TIMEOUT
from worker.verify.report import Violation

READ_DECISIONS = query("verify/decisions")
PREFETCH = 2000


@dataclass(slots=True)
class Recomputation:
    """Walks the ledger in the order of (plan, plan_seq), and counts the leads of each manager up to there.

    The counts follow the ledger and never the recomputed managers. So one wrong decision is one violation.
    """

    versions: Mapping[tuple[int, int], PlanVersion]
    limit: int
    count: int = 0
    examples: list[str] = field(default_factory=list)
    _plan: Plan | None = None
    _shares: Shares | None = None

    def check(self, row: postgres.Row) -> None:
        """Makes the decision on one assignment again, compares, and counts the lead."""
        version = self.versions.get((row["plan_no"], row["plan_version"]))
        if version is None:  # the checks of I6 report this
            return
        plan, shares = version.plan, self._shares_of(version.plan)
        if row["manager_id"] not in plan.roster:
            self._add_violation(plan, row, "this manager was never in the plan")
            return
        if wrong := _wrong(plan, shares, row):
            self._add_violation(plan, row, wrong)
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

    def _add_violation(self, plan: Plan, row: postgres.Row, why: str) -> None:
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
    """The decisions that differ from the rules, at most ``limit`` as examples. Needs a transaction for its cursor."""
    recomputation = Recomputation(await read_versions(connection), limit)
    async for row in connection.cursor(READ_DECISIONS, prefetch=PREFETCH, timeout=STATEMENT_TIMEOUT):
        recomputation.check(row)
    if not recomputation.count:
        return []
    message = "a decision is not what the rules give"
    return [Violation("I7", message, recomputation.count, tuple(recomputation.examples))]

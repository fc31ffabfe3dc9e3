"""Logs each assignment of a batch, at level debug."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from worker.log import pseudonym
from worker.rules.decide import Assignment

log = structlog.get_logger()


def log_decisions(assignments: Sequence[Assignment]) -> None:
    """Log a line for each assignment of a batch. It names neither lead nor manager; `salesplan explain` does."""
    for plan, plan_seq, _, reason, entry, _ in assignments:
        log.debug(
            "assigned",
            event_id=str(entry.event_id),
            lead=pseudonym(plan.account_id, entry.lead_id),
            plan=plan.plan_id,
            plan_version=plan.version,
            plan_seq=plan_seq,
            reason=reason,
            topic=entry.topic,
            partition=entry.partition,
            offset=entry.offset,
        )

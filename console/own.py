"""A manager's own plans and clients. Nothing here counts or names anybody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console import errors
from console.errors import RefusalError
from console.page import Visit
from db import query
from worker.postgres import Row

OWN_PLANS = query("console/own_plans")


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A plan that has or had the manager. ``clients`` and ``potential`` (USD) count his clients alone.

    ``state`` is ``active``, ``paused``, ``removed`` or ``archived``.
    """

    plan_id: str
    name: str
    label: tuple[str, str | None] | None
    state: str
    clients: int
    potential: Decimal


@dataclass(frozen=True, slots=True)
class OwnClient:
    """A client of his. ``contacted_at`` is his own latest contact; ``source`` names the LGT or offer."""

    lead_id: str
    assigned_at: datetime
    reason: str
    contacted_at: datetime | None
    kind: str
    source: str

    @property
    def knew_since(self) -> datetime | None:
        """His latest contact, if it was before the assignment. Earlier contacts are not kept."""
        before = self.contacted_at is not None and self.contacted_at <= self.assigned_at
        return self.contacted_at if before else None


async def read_plans(visit: Visit) -> list[OwnPlan]:
    """All his plans, those that take clients first, then by name."""
    found = [_plan(row) for row in await visit.connection.fetch(OWN_PLANS)]
    return sorted(found, key=lambda plan: (plan.state != "active", plan.name.casefold()))


async def plan_of(visit: Visit) -> OwnPlan:
    """The plan in the path. Raises RefusalError if it never had him."""
    plans = await read_plans(visit)
    plan = next((plan for plan in plans if plan.plan_id == visit.call.path["plan"]), None)
    if plan is None:
        raise RefusalError(errors.NOT_FOUND)
    return plan


def _plan(row: Row) -> OwnPlan:
    label = (row["label_text"], row["label_color"]) if row["label_text"] else None
    return OwnPlan(row["plan_id"], row["plan_name"], label, row["state"], row["leads"], row["potential_usd"])


def client(row: Row, lead_id: str) -> OwnClient:
    """The client of a row of `console/own_page` or `console/own_lead`."""
    return OwnClient(
        lead_id=lead_id,
        assigned_at=row["assigned_at"],
        reason=row["reason"],
        contacted_at=row["contacted_at"],
        kind=row["trigger_kind"],
        source=row["trigger_name"] or row["trigger_ref"],
    )

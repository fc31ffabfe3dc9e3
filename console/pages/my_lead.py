"""`/lead` of a manager: why a client is his, plan by plan. Other plans of the client are not told."""

from __future__ import annotations

from dataclasses import dataclass

from console import errors
from console.asked import id_of
from console.errors import RefusalError
from console.own import OwnClient, client
from console.page import Answer, Shown, Visit
from db import query

OWN_LEAD = query("console/own_lead")


@dataclass(frozen=True, slots=True)
class Owned:
    """A plan in which the client is his."""

    plan_id: str
    plan_name: str
    client: OwnClient


@dataclass(frozen=True, slots=True)
class MyLeadView:
    """The whole page."""

    lead_id: str
    plans: tuple[Owned, ...]


async def get(visit: Visit) -> Answer:
    """The plans in which the client `id` is his. Raises RefusalError if there is none."""
    lead_id = id_of(visit, "id")
    rows = await visit.connection.fetch(OWN_LEAD, lead_id) if lead_id is not None else []
    if lead_id is None or not rows:
        raise RefusalError(errors.NOT_FOUND)
    plans = tuple(Owned(row["plan_id"], row["plan_name"], client(row, lead_id)) for row in rows)
    return Shown("my_lead.html", MyLeadView(lead_id, plans))

"""`/plans/{plan}/clients.csv`: the clients of a plan as a file for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from console.asked import manager_of, number_of, plan_of
from console.client_file import ClientFile, Mark
from console.database import Role
from console.errors import N_
from console.language import Language
from console.names import read_names
from console.page import Answer, Page, Visit
from console.pages.clients import CLIENTS, source_of
from console.terms import KINDS, REASONS
from worker.postgres import Row

IN_A_PIECE = 1000  # the statement returns no more at once

HEADER = (
    N_("Client"),
    N_("Manager's id"),
    N_("Manager"),
    N_("Assigned at (%(zone)s)"),
    N_("Reason"),
    N_("Came by"),
    N_("LGT or offer"),
    N_("Its name"),
    N_("Version of the plan"),
)


async def get(visit: Visit) -> Answer:
    """All clients below `below`, of `manager` or of all, as far as they fit."""
    plan = await plan_of(visit)
    plan_id, manager_id = plan.spec.id, manager_of(visit, plan)
    names = await read_names(visit.connection)

    async def read(visit: Visit, below: Mark, at_most: int) -> Sequence[Row]:
        return await visit.connection.fetch(CLIENTS, plan_id, manager_id, below, at_most)

    def cells(row: Row, language: Language) -> Sequence[object]:
        source = source_of(row["trigger_kind"], row["trigger_ref"], names)
        return [
            row["lead_id"],
            row["manager_id"],
            names.manager(row["manager_id"]),
            language.cell(row["assigned_at"]),
            language.term(REASONS, row["reason"]),
            language.term(KINDS, source.kind),
            source.ref,
            source.name,
            row["plan_version"],
        ]

    return ClientFile(HEADER, IN_A_PIECE, "plan_seq", read, cells).download(plan_id, number_of(visit, "below"))


PAGE = Page("/plans/{plan}/clients.csv", (Role.HEAD,), get)

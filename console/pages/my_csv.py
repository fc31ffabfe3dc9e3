"""`/my/{plan}.csv`: a manager's clients of a plan as a file for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from console.asked import id_of
from console.client_file import ClientFile, Mark
from console.database import Role
from console.errors import N_
from console.language import Language
from console.own import client, plan_of
from console.page import Answer, Page, Visit
from console.pages.my_plan import OWN_PAGE
from console.terms import KINDS, OWN_REASONS
from worker.postgres import Row

IN_A_PIECE = 200  # the statement returns no more at once

HEADER = (
    N_("Client"),
    N_("Assigned at (%(zone)s)"),
    N_("Reason"),
    N_("Your latest contact (%(zone)s)"),
    N_("Came by"),
    N_("LGT or offer"),
)


async def get(visit: Visit) -> Answer:
    """All his clients that came before the client `below`, as far as they fit."""
    plan_id = (await plan_of(visit)).plan_id

    async def read(visit: Visit, below: Mark, at_most: int) -> Sequence[Row]:
        return await visit.connection.fetch(OWN_PAGE, plan_id, below, at_most)

    return ClientFile(HEADER, IN_A_PIECE, "lead_id", read, _cells).download(plan_id, id_of(visit, "below"))


def _cells(row: Row, language: Language) -> Sequence[object]:
    each = client(row, row["lead_id"])
    return [
        each.lead_id,
        language.cell(each.assigned_at),
        language.term(OWN_REASONS, each.reason),
        language.cell(each.contacted_at) if each.contacted_at else "",
        language.term(KINDS, each.kind),
        each.source,
    ]


PAGE = Page("/my/{plan}.csv", (Role.MANAGER,), get)

"""`/my/{plan}.csv`: a manager's clients of a plan as a file for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from console.asked import id_of
from console.database import Role
from console.download import DIALECTS, lines
from console.errors import N_
from console.language import Language
from console.own import OwnClient, client, plan_of
from console.page import Answer, Download, Page, Piece, Visit
from console.pages.clients_csv import CUT, KINDS, MOST_ROWS
from console.pages.my_plan import OWN_PAGE

IN_A_PIECE = 199  # the statement returns 200 rows at most; one of them tells whether further ones follow

HEADER = (
    N_("Client"),
    N_("Assigned at (%(zone)s)"),
    N_("Reason"),
    N_("Your latest contact (%(zone)s)"),
    N_("Came by"),
    N_("LGT or offer"),
)
REASONS = {
    "even": N_("fewest clients then: your turn"),
    "linked_contact": N_("your contact with the client"),
    "linked_plan": N_("the client is yours in another plan"),
    "manual": N_("given to you by hand"),
    "handover": N_("handed over to you"),
}


async def get(visit: Visit) -> Answer:
    """All his clients that came before the client `below`, as far as they fit."""
    plan = await plan_of(visit)
    first = partial(_piece, plan.plan_id, below=id_of(visit, "below"), room=MOST_ROWS, is_first=True)
    return Download(f"clients-{plan.plan_id}.csv", "text/csv", first)


async def _piece(plan_id: str, visit: Visit, *, below: str | None, room: int, is_first: bool = False) -> Piece:
    language = visit.call.language
    dialect = DIALECTS[language.code]
    size = min(IN_A_PIECE, room)
    found = await visit.connection.fetch(OWN_PAGE, plan_id, below, size + 1)
    rows: list[Sequence[object]] = [_header(language)] if is_first else []
    rows += [_row(client(row, row["lead_id"]), language) for row in found[:size]]
    rest = None
    if len(found) > size:
        last, room = found[size - 1]["lead_id"], room - size
        if room:
            rest = partial(_piece, plan_id, below=last, room=room)
        else:
            rows.append([language.text(CUT) % {"most": language.count(MOST_ROWS), "below": last}])
    text = lines(rows, dialect)
    return Piece(dialect.opening + text if is_first else text, rest)


def _header(language: Language) -> list[str]:
    return [language.text(word) % {"zone": language.zone} for word in HEADER]


def _row(each: OwnClient, language: Language) -> list[object]:
    return [
        each.lead_id,
        each.assigned_at.astimezone(language.zone).strftime("%Y-%m-%d %H:%M:%S"),
        language.text(REASONS[each.reason]) if each.reason in REASONS else each.reason,
        each.contacted_at.astimezone(language.zone).strftime("%Y-%m-%d %H:%M:%S") if each.contacted_at else "",
        language.text(KINDS[each.kind]) if each.kind in KINDS else each.kind,
        each.source,
    ]


PAGE = Page("/my/{plan}.csv", (Role.MANAGER,), get)

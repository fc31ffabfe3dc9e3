"""`/plans/{plan}/clients.csv`: the clients of a plan as a file for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from console.asked import manager_of, number_of, plan_of
from console.database import Role
from console.download import DIALECTS, lines
from console.errors import N_
from console.language import Language
from console.names import Names, read_names
from console.page import Answer, Download, Page, Piece, Visit
from console.pages.clients import CLIENTS
from worker.postgres import Row

MOST_ROWS = 100_000
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
REASONS: Mapping[str, str] = {
    "even": N_("fewest clients"),
    "linked_contact": N_("contact with the client"),
    "linked_plan": N_("has the client in another plan"),
    "manual": N_("moved by hand"),
    "handover": N_("handed over"),
}
KINDS: Mapping[str, str] = {
    "subscription": N_("subscription"),
    "order": N_("order"),
    "failed-payment": N_("failed payment"),
    "paid": N_("payment"),
}
CUT = N_("The file ends here: it holds %(most)s clients at most. For older ones, add below=%(below)s to its address.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    plan_id: str
    manager_id: str | None
    names: Names


async def get(visit: Visit) -> Answer:
    """All clients below `below`, of `manager` or of all, as far as they fit."""
    plan = await plan_of(visit)
    wanted = _Wanted(plan.spec.id, manager_of(visit, plan), await read_names(visit.connection))
    first = partial(_piece, wanted, below=number_of(visit, "below"), room=MOST_ROWS, is_first=True)
    return Download(f"clients-{plan.spec.id}.csv", "text/csv", first)


async def _piece(wanted: _Wanted, visit: Visit, *, below: int | None, room: int, is_first: bool = False) -> Piece:
    """The next rows, at most ``room``; one row is read beyond them, to know whether the file is cut."""
    language = visit.call.language
    dialect = DIALECTS[language.code]
    size = min(IN_A_PIECE - 1, room)
    found = await visit.connection.fetch(CLIENTS, wanted.plan_id, wanted.manager_id, below, size + 1)
    rows: list[Sequence[object]] = [_header(language)] if is_first else []
    rows += [_row(row, wanted.names, language) for row in found[:size]]
    rest, has_more = None, len(found) > size
    if has_more:
        last, room = found[size - 1]["plan_seq"], room - size
        if room:
            rest = partial(_piece, wanted, below=last, room=room)
        else:
            rows.append([language.text(CUT) % {"most": language.count(MOST_ROWS), "below": last}])
    text = lines(rows, dialect)
    return Piece(dialect.opening + text if is_first else text, rest)


def _header(language: Language) -> list[str]:
    return [language.text(word) % {"zone": language.zone} for word in HEADER]


def _row(row: Row, names: Names, language: Language) -> list[object]:
    kind, ref = row["trigger_kind"], row["trigger_ref"]
    return [
        row["lead_id"],
        row["manager_id"],
        names.manager(row["manager_id"]),
        row["assigned_at"].astimezone(language.zone).strftime("%Y-%m-%d %H:%M:%S"),
        language.text(REASONS[row["reason"]]) if row["reason"] in REASONS else row["reason"],
        language.text(KINDS[kind]) if kind in KINDS else kind,
        ref,
        names.lgt(ref) if kind == "subscription" else names.offer(ref),
        row["plan_version"],
    ]


PAGE = Page("/plans/{plan}/clients.csv", (Role.HEAD,), get)

"""Makes a file of clients, newest first. It is read piece by piece, and it is cut where it would grow too long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from console.download import DIALECTS, lines
from console.errors import N_
from console.language import Language
from console.page import Download, Piece, Visit
from worker.postgres import Row

MOST_ROWS = 100_000
CUT = N_("The file ends here: it holds %(most)s clients at most. For older ones, add below=%(below)s to its address.")

Mark = int | str | None
"""The client after which a list begins: its number, or its id on a manager's pages. None begins with the newest."""


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A file of clients.

    ``read`` returns the rows after a mark, at most so many. It is asked for ``in_a_piece`` rows at once, of which the
    last one only tells whether further ones follow. ``mark`` is the column of a row's own mark. ``cells`` makes a line
    of a row. The words of ``header`` may hold ``%(zone)s``.
    """

    header: Sequence[str]
    in_a_piece: int
    mark: str
    read: Callable[[Visit, Mark, int], Awaitable[Sequence[Row]]]
    cells: Callable[[Row, Language], Sequence[object]]

    def download(self, plan_id: str, below: Mark) -> Download:
        """The file of this plan's clients after the mark."""
        first = partial(self._piece, below=below, room=MOST_ROWS, is_first=True)
        return Download(f"clients-{plan_id}.csv", "text/csv", first)

    async def _piece(self, visit: Visit, *, below: Mark, room: int, is_first: bool = False) -> Piece:
        """The next rows, at most ``room``; one row is read beyond them."""
        language = visit.call.language
        dialect = DIALECTS[language.code]
        size = min(self.in_a_piece - 1, room)
        found = await self.read(visit, below, size + 1)
        rows: list[Sequence[object]] = []
        if is_first:
            rows.append([language.text(word) % {"zone": language.zone} for word in self.header])
        rows += [self.cells(row, language) for row in found[:size]]
        rest = None
        if len(found) > size:
            last, room = found[size - 1][self.mark], room - size
            if room:
                rest = partial(self._piece, below=last, room=room)
            else:
                rows.append([language.text(CUT) % {"most": language.count(MOST_ROWS), "below": last}])
        text = lines(rows, dialect)
        return Piece(dialect.opening + text if is_first else text, rest)

"""The picture of a plan's days: a column a day, in it a piece for each manager. Pure.

Widths are in per cent, heights in pixels. So the picture fits every window, and its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 180  # of the highest column's scale
TOP = 12  # above it, for the text of the highest line
GAP = 0.3  # between columns, as a part of a column's room
MOST_DATES = 5  # below the columns, so that they stand apart in a narrow window
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Piece:
    """One manager's part of a column. ``series`` is its position among the managers that the picture shows."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A day: ``x``, ``middle`` and ``width`` in per cent."""

    x: float
    middle: float
    width: float
    pieces: tuple[Piece, ...]
    is_dated: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the picture, and the number of clients that it stands for."""

    y: float
    clients: int


@dataclass(frozen=True, slots=True)
class Columns:
    """The picture. ``ground`` is where the columns stand, in pixels from the top."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    ground: int


def drawn(days: Sequence[Sequence[int]]) -> Columns:
    """The picture of days; each day has the number of clients of each series."""
    step = _step(max((sum(day) for day in days), default=0))
    top = max(-(-max(map(sum, days), default=0) // step), 1) * step
    pixels = HEIGHT / top
    room = 100 / len(days) if days else 100
    every = -(-len(days) // MOST_DATES)
    columns = [
        Column(
            x=round(index * room + room * GAP / 2, 3),
            middle=round((index + 0.5) * room, 3),
            width=round(room * (1 - GAP), 3),
            pieces=tuple(_pieces(day, pixels)),
            is_dated=(len(days) - 1 - index) % every == 0,
        )
        for index, day in enumerate(days)
    ]
    lines = [Line(round(TOP + HEIGHT - clients * pixels, 2), clients) for clients in range(0, top + 1, step)]
    return Columns(tuple(columns), tuple(lines), TOP + HEIGHT)


def _pieces(day: Sequence[int], pixels: float) -> list[Piece]:
    """From the ground up."""
    pieces, below = [], 0
    for series, clients in enumerate(day):
        if clients:
            below += clients
            pieces.append(Piece(series, round(TOP + HEIGHT - below * pixels, 2), round(clients * pixels, 2)))
    return pieces


def _step(most: int) -> int:
    """The distance between two lines, 1, 2 or 5 times a power of ten. At most four lines stand above the ground."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * 4 >= most:
                return step * power
        power *= 10

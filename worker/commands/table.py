"""Prints tables: fitted to the width of a terminal; elsewhere each row is one plain line."""

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

WIDTH = 10_000  # characters; so wide that lines outside a terminal are never folded


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], words: Collection[str] = ()) -> None:
    """Prints the table to stdout, or nothing if it has no rows.

    The first and last columns, and those in ``words``, are text and stand to the left; the others are numbers.
    """
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {headings[0], headings[-1], *words} else "right")
    for row in rows:
        table.add_row(*map(str, row))
    console = Console(highlight=False, markup=False)
    (console if console.is_terminal else Console(highlight=False, markup=False, width=WIDTH)).print(table)

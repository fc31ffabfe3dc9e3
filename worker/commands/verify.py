"""salesplan verify."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from worker.commands.cluster import servers_trouble
from worker.commands.shell import Exit, asynchronous, data, say
from worker.settings import Settings, load_settings
from worker.verify import Report, Violation
from worker.verify import verify as check

WORDS = {
    "events": "records with an outcome",
    "assigned": "  assigned",
    "waiting": "  waiting",
    "already_assigned": "  already assigned",
    "no_match": "  no match",
    "contact_recorded": "  contact recorded",
    "dead_lettered": "  dead-lettered",
    "skipped": "offsets without a record",
    "lag": "records still to read",
    "assignments": "assignments in the ledger",
    "published": "  published",
    "pending": "  to be published",
    "duplicates": "messages published again",
    "max_spread": "largest spread of an even plan",
}


@asynchronous
async def verify(*, as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Recompute the guarantees from the ledger and the topics. Exits with 1 on a violation. Workers may run."""
    report = await _checked(load_settings())
    if as_json:
        data(orjson.dumps(report).decode())
    else:
        _show(report)
    if report.violations:
        raise typer.Exit(Exit.FAILED)


async def _checked(settings: Settings) -> Report:
    async with servers_trouble(settings):
        return await check(settings)


def _show(report: Report) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name, words in WORDS.items():
        table.add_row(words, f"{getattr(report, name):,}")
    Console(highlight=False).print(table)
    for violation in report.violations:
        _show_violation(violation)
    for note in report.notes:
        say(f"note: {note}")
    say(f"{len(report.violations)} guarantees are broken." if report.violations else "Every guarantee holds.")


def _show_violation(violation: Violation) -> None:
    data(f"\n{violation.invariant}: {violation.message} ({violation.count:,})")
    for example in violation.examples:
        data(f"  {example}")
    if violation.count > len(violation.examples):
        data("  ...")

"""salesplan demo."""

from typing import Annotated

import orjson
import typer
from rich.console import Console

from worker import log
from worker.commands.shell import Exit, data, say
from worker.demo import screen, show
from worker.embedded.extra import MissingExtraError
from worker.embedded.process import ServerFailedError
from worker.rules.decide import Outcome


def demo(
    events: Annotated[int, typer.Option(min=1, help="The number of events that the upstream sends.")] = 50_000,
    as_json: Annotated[  # noqa: FBT002 -- a flag
        bool, typer.Option("--json", help="Write the figures as JSON, as the last line of stdout.")
    ] = False,
) -> None:
    """Start real servers, an upstream and a worker; show the managers' leads; check the guarantees."""
    log.configure("error")
    console = Console(stderr=as_json)
    try:
        result = show.demo(events, console)
    except (show.DemoError, MissingExtraError, ServerFailedError) as error:
        say(str(error))
        raise typer.Exit(Exit.FAILED) from None
    report = result.report
    console.print(screen.shares_table(result.shares))
    for violation in report.violations:
        say(str(violation))
    # The invariants allow records without an outcome, and assignments that are not announced yet. Here upstream is
    # silent and the worker has stopped, so such a record would be lost.
    complete = report.events == events and not report.pending and not report.lag
    failed = bool(report.violations) or not complete
    console.print(
        f"{events:,} events, {result.rate:,.0f} events/s from the first one emitted to the last one announced",
        f"{report.published:,} announced, {report.duplicates} of them twice, spread {report.max_spread}, "
        f"{len(report.violations)} violations" + ("" if complete else ", incomplete"),
        sep="\n",
        highlight=False,
        soft_wrap=True,
    )
    if as_json:
        outcomes = {str(outcome): getattr(report, outcome) for outcome in Outcome}
        numbers = {
            "events": report.events,
            **outcomes,
            "published": report.published,
            "duplicates": report.duplicates,
            "max_spread": report.max_spread,
            "violations": len(report.violations),
            "events_per_second": round(result.rate),
        }
        data(orjson.dumps(numbers).decode())
    if failed:
        raise typer.Exit(Exit.FAILED)

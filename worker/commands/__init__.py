"""The command `salesplan`; one file for each of its commands."""

import sys

import typer

from worker.commands import (
    acls,
    config,
    console,
    demo,
    dlq,
    explain,
    forecast,
    leads,
    migrate,
    offsets,
    people,
    plans,
    prune,
    run,
    topics,
    verify,
)
from worker.commands.shell import run_guarded

app = typer.Typer(
    name="salesplan",
    help="Assigns each new lead to a sales manager exactly once, evenly and explainably.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("console")(console.console)
app.command("migrate")(migrate.migrate)
app.command("explain")(explain.explain)
app.command("verify")(verify.verify)
app.command("prune")(prune.prune)
app.add_typer(topics.app, name="topics")
app.add_typer(acls.app, name="acls")
app.add_typer(plans.app, name="plans")
plans.app.command("forecast")(forecast.forecast)
app.add_typer(people.app, name="people")
app.add_typer(people.names_app, name="names")
app.add_typer(offsets.app, name="offsets")
app.add_typer(dlq.app, name="dlq")
app.add_typer(leads.app, name="leads")
app.add_typer(config.app, name="config")


def main() -> None:
    """Runs a command, and exits with its code."""
    sys.exit(run_guarded(app))


__all__ = ["app", "main"]

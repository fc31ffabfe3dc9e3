"""The command `salesplan`; one file for each of its commands."""

import sys

import typer

from worker.commands import config, migrate, plans
from worker.commands.shell import asynchronous, guarded

app = typer.Typer(
    name="salesplan",
    help="Assigns each new lead to a sales manager exactly once, evenly and explainably.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("migrate")(migrate.migrate)
app.add_typer(plans.app, name="plans")
app.add_typer(config.app, name="config")


def main() -> None:
    """Run a command, and end with its exit code."""
    sys.exit(guarded(app))


__all__ = ["app", "asynchronous", "main"]

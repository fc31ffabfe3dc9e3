"""salesplan config check, config show."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import SecretStr

from worker.commands.shell import data, say
from worker.settings import NAME_OF, Settings, load_settings

MASK = "********"

app = typer.Typer(help="Check and show the settings.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Report all faults of the settings, and the settings that are ignored. Exits with 78 if there is a fault.

    The command connects to no server.
    """
    for note in load_settings().notes:
        say(f"note: {note}")
    say("The configuration is in order.")


@app.command()
def show(*, as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Show the settings in force, by the names of their variables; secrets are masked."""
    found = dict(_values(load_settings()))
    if as_json:
        data(json.dumps(found))
        return
    for name, value in found.items():
        data(f"{name}={'' if value is None else str(value).lower() if isinstance(value, bool) else value}")


def _values(settings: Settings) -> Iterator[tuple[str, object]]:
    for place, name in NAME_OF.items():
        value: object = settings
        for part in place:
            value = getattr(value, part)
        yield name, MASK if isinstance(value, SecretStr) else value

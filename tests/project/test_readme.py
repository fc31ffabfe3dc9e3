"""The README says what the code does."""

from pathlib import Path

import pytest

from contracts import inbound
from tests.settings.table import table
from worker.commands import app

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
EXAMPLES = Path(inbound.__file__).with_name("examples")


def test_the_table_of_settings_is_made_from_the_code() -> None:
    """Every setting with its default and its meaning, and none that is not there. ``make settings`` writes it."""
    assert table() in README


@pytest.mark.parametrize("name", ["order", "lead-assigned"])
def test_messages_are_the_golden_ones(name: str) -> None:
    """What the README shows is what the schemas and the tests hold."""
    assert EXAMPLES.joinpath(f"{name}.json").read_text(encoding="utf-8").strip() in README


def test_every_command_is_named() -> None:
    """One that is missing would not be found."""
    commands = [command.name for command in app.registered_commands]
    groups = [group.name for group in app.registered_groups]
    missing = [name for name in (*commands, *groups) if f"`salesplan {name}" not in README]
    assert missing == []

"""The pages say what the code does."""

from pathlib import Path

import pytest

import contracts
from tests.settings import table
from worker.commands import app

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
CONTRACT = Path(contracts.__file__).with_name("README.md").read_text(encoding="utf-8")
EXAMPLES = Path(contracts.__file__).with_name("examples")


def test_the_table_of_settings_is_made_from_the_code() -> None:
    """It holds every setting with its default and its meaning, and no other. ``make settings`` writes it."""
    assert table.PAGE.read_text(encoding="utf-8").endswith(f"\n\n{table.table()}")


@pytest.mark.parametrize("name", ["order", "lead-assigned"])
def test_messages_are_the_golden_ones(name: str) -> None:
    """The contract's page shows the messages that the schemas and the tests hold."""
    assert EXAMPLES.joinpath(f"{name}.json").read_text(encoding="utf-8").strip() in CONTRACT


def test_every_command_is_named() -> None:
    """A command that the README does not name would not be found."""
    commands = [command.name for command in app.registered_commands]
    groups = [group.name for group in app.registered_groups]
    missing = [name for name in (*commands, *groups) if f"`salesplan {name}" not in README]
    assert missing == []


def test_the_readme_is_read_in_two_minutes() -> None:
    """Settings, rights and explanations live beside their code; the README links to them."""
    assert len(README.encode()) < 9000

"""The README says what the code does."""

from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from contracts import inbound
from worker.commands import app
from worker.settings import NAME_OF, Settings

README = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")
EXAMPLES = Path(inbound.__file__).with_name("examples")


def field_of(place: tuple[str, ...]) -> FieldInfo:
    field = Settings.model_fields[place[0]]
    if len(place) == 1:
        return field
    group: Any = field.annotation
    found: FieldInfo = group.model_fields[place[1]]
    return found


@pytest.mark.parametrize("place", NAME_OF, ids=NAME_OF.get)
def test_every_setting_is_in_the_table(place: tuple[str, ...]) -> None:
    """With its default and its meaning, word for word."""
    field = field_of(place)
    default = "" if field.default is None else f"`{str(field.default).lower()}`"
    if isinstance(field.default, str):
        default = f"`{field.default}`"
    assert f"| `{NAME_OF[place]}` | {default} | {field.description} |" in README


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

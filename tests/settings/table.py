"""The table of all settings. ``make settings`` writes it into ``worker/settings/README.md``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from worker import settings
from worker.settings import NAME_OF, Settings

PAGE = Path(settings.__file__).with_name("README.md")
HEAD = "| variable | default | meaning |\n|---|---|---|\n"


def table() -> str:
    """The table as it has to be: every setting, its default and its meaning."""
    return HEAD + "".join(_row(name, _field(place)) for place, name in NAME_OF.items())


def _field(place: tuple[str, ...]) -> FieldInfo:
    field = Settings.model_fields[place[0]]
    if len(place) == 1:
        return field
    group: Any = field.annotation
    found: FieldInfo = group.model_fields[place[1]]
    return found


def _row(name: str, field: FieldInfo) -> str:
    default = field.default if isinstance(field.default, str) else str(field.default).lower()
    return f"| `{name}` | {'' if field.default is None else f'`{default}`'} | {field.description} |\n"


def main() -> None:
    before, _, _ = PAGE.read_text(encoding="utf-8").partition(HEAD)
    PAGE.write_text(before + table(), encoding="utf-8")


if __name__ == "__main__":
    main()

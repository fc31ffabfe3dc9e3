"""The stylesheet's blocks: a lost brace puts all that follows under the condition of the block before it."""

from __future__ import annotations

from pathlib import Path

import console

CSS = Path(console.__file__).parent / "static" / "console.css"


def test_every_condition_stands_alone() -> None:
    depth = 0
    for number, line in enumerate(CSS.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(("@", "/*")):
            assert depth == 0, f"the block before line {number} is not closed"
        depth += line.count("{") - line.count("}")
    assert depth == 0

"""The golden messages, for every test that needs a message."""

import json
from pathlib import Path
from typing import Any

import contracts

EXAMPLES = Path(contracts.__file__).with_name("examples")


def example(name: str) -> dict[str, Any]:
    """A fresh copy of `examples/<name>.json`."""
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def example_bytes(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def event_of(name: str) -> str:
    """`order.nulls` is an `order`."""
    return name.partition(".")[0]


def messages() -> list[str]:
    """The names of the examples that are values of messages, not headers."""
    return sorted(path.stem for path in EXAMPLES.glob("*.json") if "headers" not in path.stem)

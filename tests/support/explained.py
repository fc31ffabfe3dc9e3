"""Postgres' own account of how it would run a statement: `explain (format json)`."""

from collections.abc import Iterator
from typing import Any


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of the plan, and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)

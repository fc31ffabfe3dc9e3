"""The parts that tests of positions share."""

from __future__ import annotations

from random import Random

from tests.stage.stage import Stage
from tests.stage.upstream import Event, event

REFUSES = "Going on would lose or repeat records"
PLANS = 2  # that offer-1 is in


def orders(random: Random, first: int, count: int) -> list[Event]:
    """Orders of leads numbered from ``first`` on, spread over the partitions by their numbers."""
    return [event(random, "order", f"lead-{number}", offer_id="offer-1") for number in range(first, first + count)]


async def reset(stage: Stage, *words: str) -> None:
    """The command as the worker's message names it."""
    done = await stage.command("offsets", "reset", *words, "--execute")
    assert done.code == 0, done

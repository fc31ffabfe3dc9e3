"""For how long a thing has stood still, as who looks at it sees it."""

from tests.support.fakes import Clock
from worker.stillness import Stillness

STEP = 2.0


def test_what_stays_the_same_is_still_from_the_first_look_on() -> None:
    """A thing that changes, goes or comes back begins anew."""
    clock = Clock()
    stillness = Stillness[str](STEP, clock)
    assert stillness.look({"a": 1, "b": 1}) == {"a": 0, "b": 0}
    clock.now += 1
    assert stillness.look({"a": 1, "b": 2}) == {"a": 1, "b": 0}
    clock.now += 1
    assert stillness.look({"b": 2, "c": 1}) == {"b": 1, "c": 0}
    clock.now += 1
    assert stillness.look({"a": 1, "b": 2}) == {"a": 0, "b": 2}


def test_while_nobody_looked_little_time_has_passed() -> None:
    """A worker that was frozen for an hour gives others the time of one look: they may have been frozen with it."""
    clock = Clock()
    stillness = Stillness[str](STEP, clock)
    stillness.look({"a": 1})
    clock.now += 3600
    assert stillness.look({"a": 1}) == {"a": STEP}
    clock.now += 1
    assert stillness.look({"a": 1}) == {"a": STEP + 1}

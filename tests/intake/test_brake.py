"""When bad records are taken for a bad deploy."""

from uuid import UUID

import pytest

from worker.intake.brake import Brake, BrakeError
from worker.rules.event import Event, Lead, Poison, Trigger

GOOD = Lead(Trigger.ORDER, "acme", "l-1", "offer-9", UUID(int=1))
BAD = Poison("not_json", "value: not JSON; send JSON", "ValueError")


def events(signs: str) -> list[Event]:
    return [GOOD if sign == "+" else BAD for sign in signs]


def test_a_row_of_bad_records_stops_the_batch_that_completes_it() -> None:
    """The row is counted across batches, and a good record ends it."""
    brake = Brake(consecutive=3, ratio=1, window=100)
    brake.check(events("--+--"))
    with pytest.raises(BrakeError, match="3 dead letters in a row"):
        brake.check(events("-"))


def test_a_high_share_of_recent_records_stops() -> None:
    """More than the ratio of a full window, though never many in a row."""
    brake = Brake(consecutive=100, ratio=0.5, window=10)
    brake.check(events("+-+-+-+-+-"))
    with pytest.raises(BrakeError, match="6 dead letters among the last 10 records"):
        brake.check(events("--"))


def test_the_share_counts_only_when_the_window_is_full() -> None:
    """The first record of a fresh topic may well be the bad one."""
    Brake(consecutive=100, ratio=0.5, window=10).check(events("-----++++"))


def test_old_records_leave_the_window() -> None:
    """Bad records of long ago do not count for ever."""
    brake = Brake(consecutive=100, ratio=0.5, window=4)
    for _ in range(100):
        brake.check(events("--++"))

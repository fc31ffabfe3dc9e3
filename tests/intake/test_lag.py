"""The lag: records not yet written, and the age of the oldest of them."""

import pytest

from worker.intake.lag import LagMeter, PartitionLag

ORDERS, PAID = ("order", 0), ("paid", 0)
NOTHING = PartitionLag(0, None)


def test_what_is_fetched_is_behind_until_it_is_written() -> None:
    """Its age is that of the first record of the oldest batch in hand."""
    lag = LagMeter()
    lag.restart({ORDERS: 10, PAID: 0})
    lag.add_batch(ORDERS, 10, 100.0)
    lag.add_batch(ORDERS, 15, 101.0)
    ends = {ORDERS: (20, 20), PAID: (0, 0)}
    assert lag.measure(ends, 110.0, 110.0) == {ORDERS: PartitionLag(10, 10.0), PAID: NOTHING}
    lag.move({ORDERS: 15})
    assert lag.measure(ends, 111.0, 111.0) == {ORDERS: PartitionLag(5, 10.0), PAID: NOTHING}
    lag.move({ORDERS: 20})
    assert lag.measure(ends, 112.0, 112.0) == {ORDERS: NOTHING, PAID: NOTHING}


def test_what_was_never_fetched_counts_from_when_it_was_noticed() -> None:
    """Nobody polls while Postgres is away. Once the worker has caught up, the next record counts anew."""
    lag = LagMeter()
    lag.restart({ORDERS: 10})
    assert lag.measure({ORDERS: (10, 10)}, 100.0, 100.0) == {ORDERS: NOTHING}
    assert lag.measure({ORDERS: (12, 10)}, 101.0, 101.0) == {ORDERS: PartitionLag(2, 0.0)}
    assert lag.measure({ORDERS: (17, 10)}, 105.0, 105.0) == {ORDERS: PartitionLag(7, 4.0)}
    lag.move({ORDERS: 17})
    assert lag.measure({ORDERS: (17, 17)}, 106.0, 106.0) == {ORDERS: NOTHING}
    assert lag.measure({ORDERS: (18, 17)}, 107.0, 107.0) == {ORDERS: PartitionLag(1, 0.0)}


def test_a_batch_that_was_dropped_is_still_behind() -> None:
    """The client has read over it, but it is not written; when all is sought anew, it is read again."""
    lag = LagMeter()
    lag.restart({ORDERS: 10})
    lag.add_batch(ORDERS, 10, 100.0)
    assert lag.measure({ORDERS: (20, 20)}, 130.0, 130.0) == {ORDERS: PartitionLag(10, 30.0)}
    lag.restart({ORDERS: 15})
    assert lag.measure({ORDERS: (20, 15)}, 131.0, 131.0) == {ORDERS: PartitionLag(5, 0.0)}


def test_markers_of_transactions_are_no_records() -> None:
    """The client reads over those at the end of the log without handing out anything."""
    lag = LagMeter()
    lag.restart({ORDERS: 10})
    assert lag.measure({ORDERS: (11, 11)}, 100.0, 100.0) == {ORDERS: NOTHING}


def test_of_partitions_never_sought_the_clients_own_position_tells() -> None:
    assert LagMeter().measure({ORDERS: (20, 12)}, 100.0, 100.0) == {ORDERS: PartitionLag(8, 0.0)}


@pytest.mark.parametrize("wrong", [-3600.0, 3600.0])
def test_p33_a_record_that_waits_grows_older_whatever_the_clocks_say(wrong: float) -> None:
    """This machine's clock is set, or upstream's is ahead: an hour long the age was 0, and no alert could fire."""
    lag = LagMeter()
    lag.restart({ORDERS: 10})
    lag.add_batch(ORDERS, 10, 1000.0)
    assert lag.measure({ORDERS: (20, 20)}, 1000.0, 7.0) == {ORDERS: PartitionLag(10, 0.0)}
    assert lag.measure({ORDERS: (20, 20)}, 1090.0 + wrong, 97.0) == {ORDERS: PartitionLag(10, max(90.0 + wrong, 90.0))}


def test_what_is_worked_off_is_as_old_as_what_still_waits() -> None:
    """A busy partition always holds something new: the oldest of it counts from when it became the oldest."""
    lag = LagMeter()
    lag.restart({ORDERS: 10})
    for second in range(100):
        lag.move({ORDERS: 10 + second})
        assert lag.measure({ORDERS: (20 + second, 10 + second)}, second, second) == {ORDERS: PartitionLag(10, 0.0)}

"""A worker's reaction to brokers that throttle it."""

from worker.kafka.throttle import LASTS_SECONDS, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_transactions_that_run_out_become_longer_and_later_short_again() -> None:
    """Up to what brokers allow by default; ten minutes without a throttled answer end it."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    seen = []
    for _ in range(4):
        seen.append((throttle.transaction_seconds, throttle.shorter_seconds()))
        throttle.note_timeout(throttle.transaction_seconds)
    assert seen == [(15, [10, 5]), (60, [15, 10, 5]), (240, [60, 15, 10, 5]), (900, [240, 60, 15, 10, 5])]
    assert throttle.transaction_seconds == 900
    clock.now += LASTS_SECONDS - 1
    throttle.note_pause(30.0)
    clock.now += LASTS_SECONDS + 29
    assert throttle.transaction_seconds == 900
    clock.now += 2
    assert throttle.transaction_seconds == 15


def test_a_moment_is_not_told_and_holds_nothing_up() -> None:
    """Any client near its quota is held up for some milliseconds now and then."""
    clock = Clock()
    held: list[float] = []
    throttle = Throttle(held_up=held.append, clock=clock)
    throttle.note_timeout(15)
    clock.now += LASTS_SECONDS - 1
    throttle.note_pause(0.5)
    clock.now += 2
    assert throttle.transaction_seconds == 15
    assert held == [0.5]

"""Lines about trouble that lasts: at once, then ever more rarely; new trouble at once again."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.support.fakes import Clock
from worker.log.reminders import Reminders


def met_every_second(reminders: Reminders, clock: Clock, seconds: int) -> list[int]:
    """The seconds at which a trouble that is met once a second becomes a line."""
    lines = []
    for second in range(seconds):
        clock.now = float(second)
        with capture_logs() as logged:
            reminders.error("server_refuses", why="disk full")
        lines += [second] * len(logged)
    return lines


def test_a_trouble_that_lasts_is_told_ever_more_rarely() -> None:
    """After 10, 30, 60, 120, 300 and then every 600 seconds."""
    clock = Clock()
    assert met_every_second(Reminders(clock), clock, 2400) == [0, 10, 40, 100, 220, 520, 1120, 1720, 2320]


def test_a_line_says_how_often_the_trouble_was_met_since_the_last() -> None:
    clock = Clock()
    reminders = Reminders(clock)
    with capture_logs() as logged:
        for second in (0, 4, 8, 12):
            clock.now = second
            reminders.warning("session_over", why=["DiskFullError"])
    assert [(line["log_level"], line.get("repeated")) for line in logged] == [("warning", None), ("warning", 3)]


@pytest.mark.parametrize("other", [{"why": "out of memory"}, {"why": "disk full", "topic": "order"}])
def test_other_words_are_another_trouble(other: dict[str, str]) -> None:
    reminders = Reminders(Clock())
    with capture_logs() as logged:
        reminders.error("server_refuses", why="disk full")
        reminders.error("server_refuses", **other)
    assert len(logged) == 2


def test_what_was_not_met_for_long_is_new() -> None:
    """It was mended meanwhile: whoever reads the log wants to know that it is back."""
    clock = Clock()
    reminders = Reminders(clock)
    with capture_logs() as logged:
        reminders.error("server_refuses", why="disk full")
        clock.now = 121.0
        reminders.error("server_refuses", why="disk full")
        clock.now = 122.0
        reminders.error("server_refuses", why="disk full")
    assert [line.get("repeated") for line in logged] == [None, None]

"""Days of a plan: where they begin, which are remembered, and how they are drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from console.columns import Piece, drawn
from console.days import SETTLED, Day, FinishedDays, days_until
from tests.support.make import plan
from tests.support.office import spec
from worker.plans.change import StoredPlan

NIGHT = datetime(2026, 11, 26, 21, 30, tzinfo=UTC)  # half past midnight in Moscow, the 27th
MOSCOW = ZoneInfo("Europe/Moscow")


def stored(account: str, plan_no: int) -> StoredPlan:
    rules = spec(plan("june", "anna"), conversion_percent=Decimal(1))
    return StoredPlan(plan_no, account, rules, 1, False, "test", NIGHT, ("anna",), {"anna": 0}, 0, 0, {"anna": 0})


def test_days_are_those_of_the_zone_and_as_long_as_they_are_there() -> None:
    assert [day.date for day in days_until(NIGHT, 2, UTC)] == [date(2026, 11, 25), date(2026, 11, 26)]
    assert [day.date for day in days_until(NIGHT, 2, MOSCOW)] == [date(2026, 11, 26), date(2026, 11, 27)]
    today = days_until(NIGHT, 1, MOSCOW)[0]
    assert (today.begin, today.end) == (NIGHT - timedelta(minutes=30), NIGHT + timedelta(hours=23, minutes=30))
    autumn = Day(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    assert autumn.end.astimezone(UTC) - autumn.begin.astimezone(UTC) == timedelta(hours=25)


def test_only_finished_days_are_remembered_each_for_its_account_plan_and_zone() -> None:
    """A batch that began before midnight may end after it, so a day is finished a while later."""
    finished, june = FinishedDays(), stored("acme", 1)
    yesterday, today = Day(date(2026, 11, 26), MOSCOW), Day(date(2026, 11, 27), MOSCOW)
    finished.keep(june, today, {"anna": 1}, NIGHT)
    finished.keep(june, yesterday, {"anna": 2}, yesterday.end + SETTLED - timedelta(seconds=1))
    assert len(finished) == 0
    finished.keep(june, yesterday, {"anna": 3}, yesterday.end + SETTLED)
    assert finished.find(june, yesterday) == {"anna": 3}
    assert finished.find(june, today) is None
    assert finished.find(stored("globex", 1), yesterday) is None
    assert finished.find(stored("acme", 2), yesterday) is None
    assert finished.find(june, Day(yesterday.date, UTC)) is None


def test_the_day_that_was_asked_for_longest_ago_makes_room() -> None:
    finished, june = FinishedDays(at_most=2), stored("acme", 1)
    first, second, third = (Day(date(2026, 11, day), UTC) for day in (1, 2, 3))
    finished.keep(june, first, {}, NIGHT)
    finished.keep(june, second, {}, NIGHT)
    assert finished.find(june, first) == {}
    finished.keep(june, third, {}, NIGHT)
    assert [finished.find(june, day) for day in (first, second, third)] == [{}, None, {}]


def test_columns_stand_on_the_ground_and_end_at_their_number() -> None:
    """Five clients below a highest line of six, which is 180 pixels high: thirty a client."""
    picture = drawn([[2, 3], [0, 0]])
    assert [(line.clients, line.y) for line in picture.lines] == [(0, 192), (2, 132), (4, 72), (6, 12)]
    assert picture.columns[0].pieces == (Piece(0, 132, 60), Piece(1, 42, 90))
    assert picture.columns[1].pieces == ()
    assert (picture.columns[0].x, picture.columns[0].width, picture.columns[1].middle) == (7.5, 35, 75)


@pytest.mark.parametrize(
    ("most", "top", "lines"),
    [(0, 1, 2), (1, 1, 2), (4, 4, 5), (5, 6, 4), (9, 10, 3), (41, 60, 4), (1_000_000, 1_000_000, 3)],
)
def test_the_scale_has_few_lines_and_round_numbers(most: int, top: int, lines: int) -> None:
    picture = drawn([[most]])
    assert picture.lines[-1].clients == top
    assert len(picture.lines) == lines


@pytest.mark.parametrize(("days", "dated"), [(7, 4), (14, 5), (30, 5)])
def test_dates_stand_apart_and_today_has_one(days: int, dated: int) -> None:
    picture = drawn([[1]] * days)
    assert sum(column.is_dated for column in picture.columns) == dated
    assert picture.columns[-1].is_dated

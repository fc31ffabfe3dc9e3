"""The days of a plan: where they begin, and how many clients each manager got. Finished days are remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from sys import intern

from db import query
from worker.plans.change import StoredPlan
from worker.postgres import Connection

NUMBERS_BEFORE = query("console/numbers_before")
SHARES_BETWEEN = query("console/shares_between")

MOST_DAYS = 20_000  # of all plans and accounts together
SETTLED = timedelta(minutes=10)  # a batch that began on a day has ended by then

Shares = Mapping[str, int]  # clients by manager


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar in a zone."""

    date: date
    zone: tzinfo

    @property
    def begin(self) -> datetime:
        """The first moment of the day."""
        return datetime.combine(self.date, time(), self.zone)

    @property
    def end(self) -> datetime:
        """The first moment of the next day."""
        return datetime.combine(self.date + timedelta(days=1), time(), self.zone)


def days_until(now: datetime, count: int, zone: tzinfo) -> list[Day]:
    """So many days, the last of which is today."""
    today = now.astimezone(zone).date()
    return [Day(today - timedelta(days=back), zone) for back in reversed(range(count))]


_Key = tuple[str, int, date, str]


class FinishedDays:
    """Shares of days in which no client can come any more. A key has the account, so no account sees another's days."""

    def __init__(self, at_most: int = MOST_DAYS) -> None:
        self._at_most = at_most
        self._shares: OrderedDict[_Key, Shares] = OrderedDict()

    def __len__(self) -> int:
        return len(self._shares)

    def find(self, plan: StoredPlan, day: Day) -> Shares | None:
        """The shares of the day, if they are known."""
        key = _key(plan, day)
        if key in self._shares:
            self._shares.move_to_end(key)
        return self._shares.get(key)

    def keep(self, plan: StoredPlan, day: Day, shares: Shares, now: datetime) -> None:
        """Remember the day if it is finished. The day that was asked for longest ago makes room."""
        if now < day.end + SETTLED:
            return
        self._shares[_key(plan, day)] = {intern(manager): clients for manager, clients in shares.items()}
        if len(self._shares) > self._at_most:
            self._shares.popitem(last=False)


def _key(plan: StoredPlan, day: Day) -> _Key:
    return plan.account_id, plan.plan_no, day.date, str(day.zone)


async def read_days(
    connection: Connection, plan: StoredPlan, days: Sequence[Day], finished: FinishedDays, now: datetime
) -> list[Shares]:
    """The shares of each day. Only days that are not remembered are read."""
    shares = {day: finished.find(plan, day) for day in days}
    missing = [day for day in days if shares[day] is None]
    times = sorted({moment for day in missing for moment in (day.begin, day.end)})
    numbers = await numbers_before(connection, plan.spec.id, times)
    for day in missing:
        above, up_to = numbers[day.begin], numbers[day.end]
        rows = await connection.fetch(SHARES_BETWEEN, plan.plan_no, above, up_to) if up_to > above else ()
        shares[day] = found = {row["manager_id"]: row["leads"] for row in rows}
        finished.keep(plan, day, found, now)
    return [shares[day] or {} for day in days]


async def numbers_before(connection: Connection, plan_id: str, times: Sequence[datetime]) -> dict[datetime, int]:
    """By time: the number of the plan's last client before it, 0 if there is none."""
    rows = await connection.fetch(NUMBERS_BEFORE, plan_id, times) if times else ()
    return {row["before_time"]: row["plan_seq"] for row in rows}

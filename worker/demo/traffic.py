"""Made-up visitors of an online school: days with more and with fewer of them, and the way of each. Pure."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

SUBSCRIPTION, ORDER, FAILED, PAID, CONTACT = "subscription", "order", "failed-payment", "paid", "manager-contact"

LGTS = {
    "landing-english": 40,
    "bot-telegram": 25,
    "widget-site": 20,
    "bot-night": 12,
    "landing-spring": 10,
    "landing-old": 4,
}
GIFT = "gift-card"  # in no plan
OFFERS = {"course-basic": 60, "course-pro": 32, GIFT: 8}
FIRST = ("maria", "ivan", "olga", "timur", "lena", "daniel", "sofia", "pavel", "nora", "yusuf", "vera", "tom")
LAST = ("orlova", "smith", "volkov", "lee", "aliev", "novak", "garcia", "popova", "weber", "sato", "morozov", "brown")

# Visitors an hour on a working day, and each weekday's part of it, from Monday on.
NIGHT, DAY, EVENING = 0.7, 4.5, 8.0
WEEKDAYS = (1.0, 1.15, 1.05, 0.9, 0.75, 0.4, 0.55)
HOUR = timedelta(hours=1)


class Step(NamedTuple):
    """An event of a visitor at a time. ``ref`` is the LGT or the offer, and empty for a manager's contact."""

    at: datetime
    number: int  # orders steps of the same time
    kind: str
    lead_id: str
    ref: str


class Traffic:
    """An endless series of steps. The same seed and beginning give the same series."""

    def __init__(self, seed: int, begin: datetime) -> None:
        self._random = Random(seed)  # noqa: S311 -- made-up events, no secrets
        self._numbers = count()
        self._due: list[Step] = []
        self._come(begin)

    def peek(self) -> Step:
        """The step that `pop` takes next."""
        return self._due[0]

    def pop(self) -> Step:
        """Take the earliest step. The steps that follow from it come later."""
        step = heapq.heappop(self._due)
        if step.kind == SUBSCRIPTION:
            self._come(step.at)
            self._perhaps(0.6, step, CONTACT, "", (4, 180))
            self._perhaps(0.35, step, ORDER, self._of(OFFERS), (30, 2880))
        elif step.kind == ORDER and step.ref != GIFT:
            ends = self._random.choices((PAID, FAILED, None), (50, 30, 20))[0]
            if ends:
                self._perhaps(1, step, ends, step.ref, (2, 90))
        elif step.kind == FAILED:
            self._perhaps(0.7, step, CONTACT, "", (5, 120))
            self._perhaps(0.4, step, PAID, step.ref, (60, 1440))
        return step

    def _come(self, after: datetime) -> None:
        """Plan the next visitor. The rate is looked up anew after each hour without one."""
        while (gap := timedelta(hours=self._random.expovariate(_rate(after)))) > HOUR:
            after += HOUR
        number = next(self._numbers)
        lead_id = f"{self._random.choice(FIRST)}.{self._random.choice(LAST)}-{number}"
        heapq.heappush(self._due, Step(after + gap, number, SUBSCRIPTION, lead_id, self._of(LGTS)))

    def _perhaps(self, share: float, step: Step, kind: str, ref: str, minutes: tuple[int, int]) -> None:
        if self._random.random() < share:
            at = step.at + timedelta(minutes=self._random.uniform(*minutes))
            heapq.heappush(self._due, Step(at, next(self._numbers), kind, step.lead_id, ref))

    def _of(self, weights: dict[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]


def _rate(time: datetime) -> float:
    """Visitors an hour. Hours are those of UTC."""
    of_day = EVENING if 16 <= time.hour < 20 else DAY if 6 <= time.hour < 20 else NIGHT
    return of_day * WEEKDAYS[time.weekday()]

"""Forecasts to make sentences of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from worker.plans.forecast import ByTurns, CatchesUp, Duration, Forecast, Moves, Pace, Prospect, Share

SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
PACE = Pace(322, SATURDAY)


def lasts(days: float, until: date) -> Duration:
    return Duration(days, SATURDAY.date(), until)


TUESDAY = lasts(143 / 46, date(2026, 12, 1))


def about(
    moves: Moves = Moves(),  # noqa: B008 -- frozen
    catching_up: Sequence[str] = (),
    colleagues: Sequence[int] = (143, 143),
    *,
    pace: Pace = PACE,
    waiting: int = 0,
    is_linked: bool = False,
    prospect: Prospect | None = None,
) -> Forecast:
    """The forecast for june-webinar, whose other managers have so many leads each."""
    names = ("anna", "boris", "chen")
    return Forecast(
        plan_id="june-webinar",
        is_linked=is_linked,
        moves=moves,
        catching_up=tuple(catching_up),
        colleagues=tuple(Share(name, leads) for name, leads in zip(names, colleagues, strict=False)),
        waiting=waiting,
        pace=pace,
        next_managers=("anna",),
        prospect=prospect or ByTurns(("anna", "boris")),
    )


JOINS = about(Moves(joins=("olga",)), ["olga"], prospect=CatchesUp(143, TUESDAY))
EACH = [
    JOINS,
    about(Moves(joins=("olga", "petra")), ["olga", "petra"], [140, 143, 141]),
    about(Moves(returns=(Share("olga", 1), Share("petra", 2)), stops=("dora",)), ["olga", "petra"], [1, 1]),
    about(Moves(stops=("dora", "emil")), (), [21], pace=Pace(7, SATURDAY)),
    about(Moves(), ["olga"], [2, 2], pace=Pace(10, SATURDAY)),
    about(Moves(), (), [2, 3], pace=Pace(0, SATURDAY)),
    about(Moves(stops=("anna",)), (), []),
]
PROSPECTS = [
    CatchesUp(143, TUESDAY),
    CatchesUp(1, lasts(0.02, SATURDAY.date())),
    CatchesUp(5, lasts(0.25, SATURDAY.date())),
    CatchesUp(46, lasts(1, date(2026, 11, 29))),
    CatchesUp(700, lasts(15.2, date(2026, 12, 13))),
    CatchesUp(22, None),
    CatchesUp(5000, lasts(108.7, date(2027, 3, 17)), is_exact=False),
]

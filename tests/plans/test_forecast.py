"""Forecasts as values: by hand, and compared with an oracle that assigns lead by lead."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import Oracle, Rules
from tests.support.make import lead, paused, plan
from worker.plans.forecast import (
    ByTurns,
    CatchesUp,
    Duration,
    Forecast,
    Moves,
    NobodyActive,
    OnlyActive,
    Pace,
    Share,
    TakesNoMore,
    forecast,
    forecast_archived,
)
from worker.rules.facts import Counters
from worker.rules.ids import PlanNo, index_by_manager
from worker.rules.plan import Mode, Plan

SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
PACE = Pace(322, SATURDAY)  # 46 a day
UNKNOWN = Pace(0, SATURDAY)


def version(rules: Rules, roster: Sequence[str]) -> Plan:
    active = tuple(index_by_manager(tuple(roster))[manager] for manager in rules.active)
    return Plan(PlanNo(1), "acme", rules.plan_id, 1, "P", Mode(rules.mode), None, tuple(roster), active, {})


def foretold(before: Rules, after: Rules, pace: Pace = PACE, waiting: int = 0, **assigned: int) -> Forecast:
    """The forecast where the managers got their leads by turns: each has one before any has two."""
    known = [*assigned, *(name for name, _ in before.managers if name not in assigned)]
    roster = [*known, *(name for name, _ in after.managers if name not in known)]
    counts = [assigned.get(name, 0) for name in roster]
    last_seqs, last_seq = [0] * len(roster), 0
    for number in range(max(counts, default=0)):
        for index, count in enumerate(counts):
            if number < count:
                last_seqs[index] = last_seq = last_seq + 1
    counters = Counters(last_seq, waiting, counts, last_seqs)
    return forecast(version(before, known), version(after, roster), counters, pace)


def test_a_newcomer_gets_the_next_leads_until_level() -> None:
    """143 leads at 46 a day are 3.1 days: from Saturday noon to Tuesday."""
    found = foretold(plan("june", "anna", "boris"), plan("june", "anna", "boris", "olga"), anna=143, boris=143)
    assert found.prospect == CatchesUp(143, Duration(143 / 46, date(2026, 11, 28), date(2026, 12, 1)))
    assert found.next_managers == ("olga",) * 143 + ("anna", "boris")
    assert (found.moves, found.catching_up) == (Moves(joins=("olga",)), ("olga",))
    assert found.colleagues == (Share("anna", 143), Share("boris", 143))


def test_one_lead_behind_is_a_run_of_one() -> None:
    found = foretold(plan("june", "anna"), plan("june", "anna", "olga"), UNKNOWN, anna=1)
    assert found.prospect == CatchesUp(1, None)
    assert found.next_managers[:2] == ("olga", "anna")


def test_two_newcomers_catch_up_together() -> None:
    found = foretold(plan("june", "anna"), plan("june", "anna", "olga", "petra"), UNKNOWN, anna=30)
    assert found.run == 60
    assert sorted(set(found.next_managers[:60])) == ["olga", "petra"]
    assert found.next_managers[60] == "anna"


def test_who_comes_back_has_the_leads_of_before() -> None:
    found = foretold(plan("june", "anna", paused("olga")), plan("june", "anna", "olga"), UNKNOWN, anna=9, olga=4)
    assert found.moves == Moves(returns=(Share("olga", 4),))
    assert found.run == 5


def test_who_comes_back_with_more_waits() -> None:
    """Anna and boris have 10 each, olga 25: they get 15 each before olga's turn, as her latest lead is the oldest."""
    before, after = plan("june", "anna", "boris", paused("olga")), plan("june", "anna", "boris", "olga")
    found = foretold(before, after, anna=10, boris=10, olga=25)
    assert found.prospect == ByTurns(("anna", "boris"), (Share("olga", 30),))
    assert found.next_managers[28:31] == ("anna", "boris", "olga")
    assert found.run == 0


def test_without_a_change_whoever_is_far_behind_catches_up() -> None:
    """A difference of one is usual in turns, one of two is not."""
    team = plan("june", "anna", "boris", "olga")
    assert foretold(team, team, anna=5, boris=5, olga=3).catching_up == ("olga",)
    level = foretold(team, team, anna=5, boris=5, olga=4)
    assert (level.catching_up, level.prospect) == ((), ByTurns(("olga", "anna", "boris")))


def test_who_stops() -> None:
    """Paused or removed: the next leads go to the others."""
    before = plan("june", "anna", "boris", "olga")
    found = foretold(before, plan("june", "anna", paused("boris")), anna=1, boris=1, olga=1)
    assert found.moves == Moves(stops=("boris", "olga"))
    assert found.prospect == OnlyActive("anna")


def test_nobody_is_active() -> None:
    found = foretold(plan("june", "anna"), plan("june", paused("anna")), anna=3)
    assert (found.prospect, found.next_managers, found.run) == (NobodyActive(), (), 0)


def test_an_archived_plan_takes_no_more() -> None:
    found = forecast_archived(version(plan("june", "anna"), ["anna"]), Counters(3, 1, [3], [3]), PACE)
    assert (found.prospect, found.next_managers) == (TakesNoMore(), ())


def test_waiting_leads_take_no_time() -> None:
    """The run has 143 leads. 97 of them wait already, and the other 46 take a day."""
    before, after = plan("june", paused("anna"), "boris"), plan("june", "anna", "boris")
    found = foretold(before, after, waiting=97, boris=143)
    assert found.prospect == CatchesUp(143, Duration(1.0, date(2026, 11, 28), date(2026, 11, 29)))


def test_a_linked_plan_says_so() -> None:
    team = plan("june", "anna", mode="linked")
    assert foretold(team, team).is_linked
    assert not foretold(plan("june", "anna"), plan("june", "anna")).is_linked


def test_a_run_beyond_the_limit_is_a_lower_bound() -> None:
    found = foretold(plan("june", "anna"), plan("june", "anna", "olga"), UNKNOWN, anna=5_001)
    assert found.prospect == CatchesUp(5_000, None, is_exact=False)
    assert len(found.next_managers) == 5_000


def test_a_pace_of_a_few_leads_has_no_end_date_beyond_the_calendar() -> None:
    before, after = plan("june", "anna"), plan("june", "anna", *(f"m{number}" for number in range(999)))
    found = foretold(before, after, Pace(1, datetime(9999, 1, 1, tzinfo=UTC)), anna=4_000)
    assert found.prospect == CatchesUp(5_000, None, is_exact=False)


def test_5000_decisions_with_200_managers_take_a_moment() -> None:
    """20 ms on a quiet machine; the limit is for a busy one."""
    team = [f"m{number}" for number in range(199)]
    counts = dict.fromkeys(team, 6_000)
    before, after = plan("june", *team), plan("june", *team, "olga")
    begun = time.process_time()
    assert foretold(before, after, UNKNOWN, 0, **counts).run == 5_000
    assert time.process_time() - begun < 0.25


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[list[tuple[str, bool]]], list[int]]:
    """Versions of a plan, one after the other, and the leads that come under each but the last."""
    team = st.lists(
        st.tuples(st.sampled_from(["anna", "boris", "clara", "dora"]), st.booleans()), unique_by=lambda m: m[0]
    )
    versions = draw(st.lists(team, min_size=2, max_size=5))
    return versions, [draw(st.integers(0, 12)) for _ in versions[:-1]]


@given(worlds())
def test_the_oracle_gives_the_next_leads_as_forecast(world: tuple[list[list[tuple[str, bool]]], list[int]]) -> None:
    """Whatever came before: the same managers in the same order, waiting leads first."""
    versions, counts = world
    oracle = Oracle()
    roster: list[str] = []
    rules = [plan("june", *managers) for managers in versions]
    for number, (each, count) in enumerate(zip(rules, [*counts, 0], strict=True)):
        oracle.edit(each)
        roster += [name for name, _ in each.managers if name not in roster]
        if each is not rules[-1]:
            oracle.wake(each)
        for lead_no in range(count):
            oracle.tell(lead(f"{number}-{lead_no}", "june"))
    before = len(oracle.given)
    seqs = [[given.plan_seq for given in oracle.given if given.manager_id == name] for name in roster]
    counters = Counters(before, len(oracle.waiting), [*map(len, seqs)], [max(seq, default=0) for seq in seqs])
    old = [name for name in roster if any(name == manager for each in versions[:-1] for manager, _ in each)]
    found = forecast(version(rules[-2], old), version(rules[-1], roster), counters, PACE)
    for lead_no in range(len(found.next_managers)):
        oracle.tell(lead(f"after-{lead_no}", "june"))
    assert tuple(given.manager_id for given in oracle.given[before:])[: len(found.next_managers)] == found.next_managers
    assert bool(found.next_managers) == bool(rules[-1].active)


@pytest.mark.parametrize(("leads", "per_day"), [(322, 46.0), (1, 1 / 7), (0, 0.0)])
def test_the_pace_is_by_day(leads: int, per_day: float) -> None:
    assert Pace(leads, SATURDAY).per_day == per_day

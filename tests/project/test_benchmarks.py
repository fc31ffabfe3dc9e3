"""The benchmark's workloads are what they say: what is timed is work that a worker would do."""

from itertools import pairwise

import pytest

from benchmarks.trend import summary
from benchmarks.workloads import WORKLOADS, ZIPF, Emitted, Workload, popular
from worker.intake.decode import decode
from worker.rules.event import Contact, Lead, Poison

COUNT = 1000


def made(name: str) -> tuple[Workload, list[Emitted]]:
    (workload,) = (workload for workload in WORKLOADS if workload.name == name)
    return workload, list(workload.events(COUNT))


@pytest.mark.parametrize("name", [workload.name for workload in WORKLOADS])
def test_each_lead_enters_a_plan_once_and_no_other_record_does(name: str) -> None:
    """By the plans of the workload, as somebody would who reads them: so many announcements are to come out."""
    workload, records = made(name)
    refs = {
        (file.account, kind, ref)
        for file in workload.plan_files()
        for plan in file.plans
        for kind, of_kind in (
            ("subscription", plan.lgts),
            ("order", plan.offers.ordered),
            ("failed-payment", plan.offers.payment_failed),
            ("paid", plan.offers.paid),
        )
        for ref in of_kind
    }
    entered = set()
    for record in records:
        event = decode(record.kind, record.value, max_bytes=10_000)
        if isinstance(event, Lead) and (event.account_id, event.kind, event.ref) in refs:
            assert (record.enters is None) == (event.lead_id in entered)
            entered.add(event.lead_id)
        else:
            assert record.enters is None
    assert len(records) == COUNT


def test_the_second_plan_is_half_as_popular_as_the_first() -> None:
    """By Zipf's law, among 1,000 plans the first has 13.4 % of the leads."""
    found = [plan for _, plan in zip(range(100_000), popular(1000), strict=False)]
    assert 0.12 < found.count(0) / 100_000 < 0.15
    assert 0.45 < found.count(1) / found.count(0) < 0.55


def test_a_popular_plan_is_entered_in_every_way() -> None:
    """In the same shares as all plans: half of it by a subscription, a quarter by an order."""
    refs = b'"lgt-0"', b'"offer-0"'
    kinds = [event.kind for event in ZIPF.events(50_000) if any(ref in event.value for ref in refs)]
    assert 0.45 < kinds.count("subscription") / len(kinds) < 0.55
    assert 0.2 < kinds.count("order") / len(kinds) < 0.3


@pytest.mark.parametrize(
    ("name", "kind", "share"), [("poison", Poison, 0.01), ("linked", Contact, 0.3), ("no-match", Lead, 1.0)]
)
def test_so_many_records_are_of_a_kind(name: str, kind: type, share: float) -> None:
    """The shares are those in the table of workloads."""
    _, records = made(name)
    assert sum(isinstance(decode(r.kind, r.value, max_bytes=10_000), kind) for r in records) == share * COUNT


def test_of_what_is_repeated_a_fifth_comes_again() -> None:
    """The same bytes as the record before."""
    _, records = made("repeated")
    assert sum(now.value == before.value for before, now in pairwise(records)) == COUNT / 5


def test_a_long_run_is_summed_up_by_its_ends_and_around_its_snapshot() -> None:
    """Without the first line, in which all warms up; memory grows by a MB a minute, and a snapshot costs two fifths."""
    rates = [1, 100, 100, 50, 60, 60, 60, 100, 110, 100]
    lines = [
        {"minute": minute, "events_per_second": rate, "memory_mb": 100.0 + minute}
        for minute, rate in enumerate(rates, start=1)
    ]
    assert summary(lines, snapshot=(3.0, 7.0)) == {
        "events_per_second": {"first third": 100, "last third": 100},
        "memory_mb": {"first third": 103.0, "last third": 109.0},
        "memory_mb_an_hour": 60.0,
        "rate_with_snapshot": 0.6,
        "rate_after": 1.0,
    }

"""The workloads of the benchmarks: plans and events, which are the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import NamedTuple, TypeVar
from uuid import UUID

import orjson

from worker.plans.file import PlanFile, PlanSpec

SEED = 20261123
ACCOUNTS = 10  # the plans are spread over so many accounts
KINDS = {"subscription": 50, "order": 25, "failed-payment": 10, "paid": 15}
TIME = "2026-06-01T10:00:00.123456Z"
POISON = b'{"event_id": "none"}'


T = TypeVar("T")


class Emitted(NamedTuple):
    """One record that upstream sends. ``enters`` is the lead that this record brings in first, or None."""

    kind: str
    key: bytes
    value: bytes
    enters: str | None = None


@dataclass(frozen=True)
class Workload:
    """``make`` yields the records. ``repeats`` are timed only after each lead is assigned."""

    name: str
    plans: int
    managers: int
    make: Callable[[Workload, int], Iterator[Emitted]]
    mode: str = "even"
    ledger: int = 0  # assignments in the ledger before the run
    repeats: bool = False

    def plan_files(self) -> Iterator[PlanFile]:
        """The plan files, one for each account."""
        for account in range(min(ACCOUNTS, self.plans)):
            numbers = range(account, self.plans, ACCOUNTS)
            yield PlanFile(account=f"account-{account}", plans=tuple(self._plan(number) for number in numbers))

    def events(self, count: int) -> Iterator[Emitted]:
        """The records for all topics of the workload, in order."""
        return self.make(self, count)

    def _plan(self, number: int) -> PlanSpec:
        offer = [f"offer-{number}"]
        return PlanSpec.model_validate(
            {
                "id": f"plan-{number}",
                "name": f"Plan {number}",
                "conversion_percent": "12.5",
                "average_sale": "149.00",
                "label": {"text": f"Plan {number}", "color": "#2563eb"},
                "managers": [f"manager-{place}" for place in range(self.managers)],
                "lgts": [f"lgt-{number}"],
                "offers": {"ordered": offer, "payment_failed": offer, "paid": offer},
                "mode": self.mode,
            }
        )


def popular(plans: int) -> Iterator[int]:
    """Endless plan numbers by Zipf's law: the second plan comes half as often as the first."""
    return drawn(range(plans), [1 / rank for rank in range(1, plans + 1)], SEED)


def drawn(choices: Sequence[T], weights: Iterable[float], seed: int) -> Iterator[T]:
    """Endless items, each as often as its weight says. Two series of one seed are correlated, so give each its own."""
    random, cumulated = Random(seed), list(accumulate(weights))
    while True:
        yield from random.choices(choices, cum_weights=cumulated, k=1000)


def new_leads(workload: Workload, count: int) -> Iterator[Emitted]:
    """Each record brings in a new lead."""
    random = Random(SEED)
    kinds = drawn(list(KINDS), list(KINDS.values()), SEED + 1)
    for number, kind, plan in zip(range(count), kinds, popular(workload.plans), strict=False):
        yield _event(random, kind, f"lead-{number}", plan)


def lead_number(key: bytes | None) -> int:
    """The number of the new lead in this key. Keys of other records have none."""
    return int((key or b"").removeprefix(b"lead-"))


def twice(workload: Workload, count: int) -> Iterator[Emitted]:
    """The second half repeats the first, so all its leads are assigned already."""
    first = list(new_leads(workload, count // 2))
    yield from first
    yield from (event._replace(enters=None) for event in first)


def unmatched(workload: Workload, count: int) -> Iterator[Emitted]:
    """No event enters a plan."""
    for event in new_leads(workload, count):
        value = event.value.replace(b'"account-', b'"nobody-')
        yield event._replace(value=value, enters=None)


def spoiled(workload: Workload, count: int) -> Iterator[Emitted]:
    """One record in a hundred is unreadable."""
    for number, event in enumerate(new_leads(workload, count)):
        yield event._replace(value=POISON, enters=None) if number % 100 == 99 else event


def repeated(workload: Workload, count: int) -> Iterator[Emitted]:
    """One record in five is a copy of the record before it."""
    last: Emitted | None = None
    for number, event in enumerate(new_leads(workload, count)):
        yield last._replace(enters=None) if last and number % 5 == 4 else event
        last = event


def contacted(workload: Workload, count: int) -> Iterator[Emitted]:
    """Three records in ten are a manager's contacts with a lead that comes a little later."""
    random = Random(SEED)
    events = list(new_leads(workload, count))
    for number, event in enumerate(events):
        place = number % 10
        later = events[min(number + 3 + place, count - 1)]
        yield _contact(random, workload, later) if place < 3 else event


def _contact(random: Random, workload: Workload, event: Emitted) -> Emitted:
    value = orjson.loads(event.value)
    contact = {name: value[name] for name in ("event_id", "occurred_at", "account_id", "lead_id")}
    contact["manager_id"] = f"manager-{random.randrange(workload.managers)}"
    return Emitted("manager-contact", event.key, orjson.dumps(contact))


def _event(random: Random, kind: str, lead: str, plan: int) -> Emitted:
    event: dict[str, object] = {
        "event_id": str(UUID(int=random.getrandbits(128), version=4)),
        "occurred_at": TIME,
        "account_id": f"account-{plan % ACCOUNTS}",
        "lead_id": lead,
    }
    if kind == "subscription":
        event["lgt_id"] = f"lgt-{plan}"
    else:
        event |= {"offer_id": f"offer-{plan}", "order_id": f"order-{lead}"}
        event["amount"] = {"amount": "149.00", "currency": "USD"}
    return Emitted(kind, lead.encode(), orjson.dumps(event), lead)


ZIPF = Workload("zipf", 1000, 10, new_leads)
HOT = Workload("hot", 1, 20, new_leads)
MANY = Workload("many", 10_000, 50, new_leads)
AGAIN = Workload("again", 1000, 10, twice, repeats=True)
NO_MATCH = Workload("no-match", 1000, 10, unmatched)
LINKED = Workload("linked", 1000, 10, contacted, mode="linked")
POISONED = Workload("poison", 1000, 10, spoiled)
REPEATED = Workload("repeated", 1000, 10, repeated)
FULL = Workload("full", 1000, 10, new_leads, ledger=10_000_000)

WORKLOADS: Sequence[Workload] = (ZIPF, HOT, MANY, AGAIN, NO_MATCH, LINKED, POISONED, REPEATED, FULL)
# Smaller workloads for contestants that are slower by far.
SAMPLE = Workload("sample", 1000, 10, new_leads)

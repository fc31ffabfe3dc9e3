"""Random stories for the worker and the oracle: plans that change, leads and contacts that come in batches."""

import os
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.oracle import Oracle, Rules
from tests.support.make import EVENT_ID, contact, poison
from worker.rules.event import Event, Lead, Trigger

# Few names, so that they meet; the same ones in both accounts, so that accounts could mix.
MANAGERS = ("anna", "boris", "clara", "dora")
PLANS = [("acme", "alpha"), ("acme", "beta"), ("acme", "gamma"), ("globex", "alpha")]
REFS = [
    (Trigger.SUBSCRIPTION, "lgt-1"),
    (Trigger.SUBSCRIPTION, "lgt-2"),
    (Trigger.ORDER, "offer-1"),
    (Trigger.ORDER, "offer-2"),
    (Trigger.FAILED_PAYMENT, "offer-1"),
    (Trigger.PAID, "offer-1"),
]


@dataclass(frozen=True)
class Chapter:
    """Perhaps an edit of a plan, perhaps a wake-up, then events: one batch, or halved so many times."""

    edit: Rules | None
    wake: bool
    events: tuple[Event, ...]
    halvings: int


def search(examples: int) -> settings:
    """The same examples in every run, so that a failure can be had again.

    SALESPLAN_TEST_SEARCH=N looks at N times as many, new ones every time, and prints what repeats a failure.
    """
    times = int(os.environ.get("SALESPLAN_TEST_SEARCH", "0"))
    return settings(
        max_examples=examples * max(times, 1),
        derandomize=not times,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,  # stories on Postgres clear the tables themselves
            HealthCheck.too_slow,
        ],
    )


def weighted(**weights: int) -> st.SearchStrategy[str]:
    return st.sampled_from([word for word, weight in weights.items() for _ in range(weight)])


teams = st.lists(
    st.tuples(st.sampled_from(MANAGERS), weighted(active=3, paused=1).map(lambda word: word == "active")),
    max_size=4,
    unique_by=lambda member: member[0],
).map(tuple)


def _event(what: str, account: str, number: int, place: int, minute: int) -> Event:
    lead_id = f"lead-{number}"
    if what == "poison":
        return poison()
    if what == "contact":
        return contact(lead_id, [*MANAGERS, "zoe"][place % 5], minute, account)
    kind, ref = REFS[place] if what == "lead" else (Trigger.PAID, "offer-of-no-plan")
    return Lead(kind, account, lead_id, ref, EVENT_ID)


events = st.builds(
    _event,
    weighted(lead=14, contact=4, unmatched=1, poison=1),
    weighted(acme=14, globex=5, nobody=1),
    st.integers(0, 19),
    st.integers(0, len(REFS) - 1),
    st.integers(0, 3),
)


def rules(modes: tuple[str, ...]) -> st.SearchStrategy[Rules]:
    return st.builds(
        lambda key, team, refs, mode: Rules(key[1], team, refs, mode, key[0]),
        st.sampled_from(PLANS),
        teams,
        st.frozensets(st.sampled_from(REFS), min_size=3),
        st.sampled_from(modes),
    )


def stories(modes: tuple[str, ...] = ("even", "linked", "linked")) -> st.SearchStrategy[list[Chapter]]:
    """Some plans to begin with, then chapters."""
    opening = st.builds(Chapter, rules(modes), st.just(value=False), st.just(()), st.just(0))
    later = st.builds(
        Chapter,
        st.none() | rules(modes),
        st.booleans(),
        st.lists(events, min_size=3, max_size=25).map(tuple),
        st.integers(0, 4),
    )
    return st.builds(list.__add__, st.lists(opening, min_size=3, max_size=6), st.lists(later, min_size=2, max_size=10))


def edits(oracle: Oracle, wanted: Rules) -> list[Rules]:
    """The edit, and those plans of the account that lose an LGT by it."""
    lgts = {ref for ref in wanted.refs if ref[0] is Trigger.SUBSCRIPTION}
    losers = [
        replace(plan, refs=plan.refs - lgts)
        for plan in oracle.plans
        if plan.account_id == wanted.account_id and plan.plan_id != wanted.plan_id and plan.refs & lgts
    ]
    return [*losers, wanted]

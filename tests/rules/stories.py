"""Random stories for the worker and the oracle: plans that change, leads and contacts that come in batches."""

import os
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.make import EVENT_ID, contact, poison
from tests.oracle import Oracle, Rules
from worker.event import Event, Lead
from worker.plan import Trigger

# Few names, so that they meet; the same ones in both accounts, so that accounts could mix.
LEADS = st.sampled_from([f"lead-{number}" for number in range(6)])
MANAGERS = ("anna", "boris", "clara", "dora")
ACCOUNTS = st.sampled_from(["acme", "acme", "acme", "globex"])
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
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,  # stories on Postgres clear the tables themselves
            HealthCheck.too_slow,
        ],
    )


teams = st.lists(
    st.tuples(st.sampled_from(MANAGERS), st.sampled_from([True, True, False])),
    max_size=4,
    unique_by=lambda member: member[0],
).map(tuple)


def rules(modes: tuple[str, ...]) -> st.SearchStrategy[Rules]:
    return st.builds(
        lambda key, team, refs, mode: Rules(key[1], team, refs, mode, key[0]),
        st.sampled_from(PLANS),
        teams,
        st.frozensets(st.sampled_from(REFS), min_size=1),
        st.sampled_from(modes),
    )


leads = st.builds(
    lambda account, lead_id, ref: Lead(ref[0], account, lead_id, ref[1], EVENT_ID),
    st.one_of(ACCOUNTS, ACCOUNTS, st.just("nobody")),
    LEADS,
    st.sampled_from([*REFS, *REFS, (Trigger.PAID, "offer-of-no-plan")]),
)
contacts = st.builds(contact, LEADS, st.sampled_from([*MANAGERS, "zoe"]), minute=st.integers(0, 3), account=ACCOUNTS)
events = st.one_of(leads, leads, leads, contacts, st.builds(poison))


def chapters(modes: tuple[str, ...]) -> st.SearchStrategy[Chapter]:
    return st.builds(
        Chapter,
        st.none() | rules(modes),
        st.booleans(),
        st.lists(events, min_size=1, max_size=12).map(tuple),
        st.integers(0, 4),
    )


def stories(modes: tuple[str, ...] = ("even", "linked", "linked")) -> st.SearchStrategy[list[Chapter]]:
    """Some plans to begin with, then chapters."""
    opening = st.lists(rules(modes).map(lambda first: Chapter(first, False, (), 0)), min_size=2, max_size=4)
    return st.builds(list.__add__, opening, st.lists(chapters(modes), min_size=1, max_size=8))


def edits(oracle: Oracle, wanted: Rules) -> list[Rules]:
    """The edit, and those plans of the account that lose an LGT by it."""
    lgts = {ref for ref in wanted.refs if ref[0] is Trigger.SUBSCRIPTION}
    losers = [
        replace(plan, refs=plan.refs - lgts)
        for plan in oracle.plans
        if plan.account_id == wanted.account_id and plan.plan_id != wanted.plan_id and plan.refs & lgts
    ]
    return [*losers, wanted]

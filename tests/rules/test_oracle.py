"""The batched decision is the oracle's, whatever happens and however the events are split into batches."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import Oracle, Rules
from tests.rules.bench import Bench
from tests.support.make import lead, plan
from tests.support.stories import REFS, Chapter, edits, events, search, stories
from worker.rules.event import Event

MANAGERS = ("anna", "boris", "clara", "dora", "emil", "fanny", "gustav")


@search(400)
@given(stories())
def test_p14_every_story_ends_as_the_oracle_says(story: list[Chapter]) -> None:
    """Manager, plan_seq and reason of each lead and the outcome of each record are those of one at a time."""
    oracle, bench = Oracle(), Bench()
    for chapter in story:
        if chapter.edit:
            changed = edits(oracle, chapter.edit)
            bench.edit(*changed)
            for rules in changed:
                oracle.edit(rules)
        for rules in oracle.plans if chapter.wake else ():
            oracle.wake(rules)
            bench.wake(rules.plan_id, rules.account_id)
        expected = [oracle.tell(event) for event in chapter.events]
        assert bench.write(*chapter.events, halvings=chapter.halvings) == expected
        assert bench.given == oracle.given
        assert bench.waits == oracle.waiting


@search(300)
@given(
    st.lists(events, max_size=40),
    st.lists(events, max_size=40),
    st.integers(1, 4),
    st.lists(st.integers(1, 6), min_size=1),
)
def test_a_long_queue_is_worked_off_in_chunks_and_in_order(
    early: list[Event], late: list[Event], chunk: int, sizes: list[int]
) -> None:
    """New leads queue behind the rest of a backlog; it ends as if that had been worked off at once."""
    oracle, bench = Oracle(), Bench(chunk)
    for team in ((), ("anna", "boris", "clara")):
        rules = Rules("alpha", tuple((manager, True) for manager in team), frozenset(REFS))
        oracle.edit(rules)
        bench.edit(rules)
        told = late if team else early
        expected = [oracle.tell(event) for event in told]
        outcomes: list[str] = []
        for size in (*sizes, len(told)):
            outcomes += bench.write(*told[len(outcomes) : len(outcomes) + size])
        assert [_as_assigned(word) for word in outcomes] == [_as_assigned(word) for word in expected]
    oracle.wake(rules)
    bench.wake("alpha")
    assert bench.given == oracle.given
    assert not bench.waits
    assert not oracle.waiting


@search(300)
@given(st.integers(1, 7), st.lists(st.lists(st.integers(0, 60), max_size=25), max_size=6))
def test_counts_never_drift_more_than_one_apart(managers: int, batches: list[list[int]]) -> None:
    """With a fixed set of active managers, after every single assignment."""
    bench = Bench()
    bench.edit(plan("alpha", *MANAGERS[:managers], lgts=["site"]))
    for numbers in batches:
        bench.write(*(lead(f"lead-{number}", "site") for number in numbers))
    counts = Counter(dict.fromkeys(MANAGERS[:managers], 0))
    for manager in bench.managers("alpha"):
        counts[manager] += 1
        assert max(counts.values()) - min(counts.values()) <= 1
    assert counts.total() == len({number for numbers in batches for number in numbers})


def _as_assigned(outcome: str) -> str:
    """Which of a lead's records found it still waiting hangs on the chunks."""
    return "assigned" if outcome in {"waiting", "already_assigned"} else outcome

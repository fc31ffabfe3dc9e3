"""The ledger writes the same as the oracle, on a real Postgres."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import Oracle
from tests.support.office import Office
from tests.support.stories import Chapter, edits, search, stories
from worker.ledger import read

OUTCOMES = ("assigned", "waiting", "already_assigned", "no_match", "contact_recorded", "dead_lettered")


@search(100)
@given(stories(), st.sampled_from([1, 2, 2000]))
async def test_p14_every_story_is_written_as_the_oracle_says(
    fast_office: Office, story: list[Chapter], chunk: int
) -> None:
    """Manager, plan_seq and reason of each lead, outcomes, counters and what waits or fell through."""
    office, oracle = fast_office, Oracle()
    await office.clear()
    outcomes: Counter[tuple[str, int, str]] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "BACKLOG_CHUNK", chunk)
        for chapter in story:
            if chapter.edit:
                changed = edits(oracle, chapter.edit)
                await office.edit(*changed)
                for rules in changed:
                    oracle.edit(rules)
            # A chunk leaves no backlog behind if all of it is worked off before anything else comes.
            for rules in oracle.plans if chapter.wake or chunk < 2000 else ():
                oracle.wake(rules)
                await office.wake(rules.plan_id, rules.account_id)
            batch = await office.batch(*chapter.events)
            told = [oracle.tell(event) for event in chapter.events]
            assert await office.write_halved(batch, chapter.halvings) == Counter(told)
            for record, outcome in zip(batch.records, told, strict=True):
                outcomes[record.topic, record.partition, outcome] += 1
    await _agree(office, oracle)
    assert await _outcomes(office) == outcomes


async def _agree(office: Office, oracle: Oracle) -> None:
    assert await office.given() == sorted(oracle.given)
    assert await office.waits() == sorted(oracle.waiting, key=lambda waits: waits[:2])
    counts = Counter((each.account_id, each.plan_id, each.manager_id) for each in oracle.given)
    assert await _counted(office, "account_id, plan_id, manager_id, assigned_count", "plan_managers") == counts
    leads = Counter(each[:2] for each in (*oracle.given, *oracle.waiting))
    assert await _counted(office, "account_id, plan_id, leads", "plans") == leads
    unmatched = Counter(oracle.unmatched)
    assert await _counted(office, "account_id, trigger_kind, ref, times", "unmatched") == unmatched


async def _counted(office: Office, columns: str, view: str) -> dict[tuple[Any, ...], int]:
    """A view's rows as a count by what is before it; without those that are none."""
    rows = await office.rows(f"select {columns} from salesplan_api.{view}")  # noqa: S608 -- names from above
    return {row[:-1]: row[-1] for row in rows if row[-1]}


async def _outcomes(office: Office) -> Counter[tuple[str, int, str]]:
    """The outcomes as they are counted by topic and partition. No record is without one."""
    counted: Counter[tuple[str, int, str]] = Counter()
    for row in await office.connection.fetch("select * from salesplan.position"):
        counts = {name: row[name] for name in OUTCOMES if row[name]}
        assert sum(counts.values()) == row["next_offset"] - row["first_offset"]
        counted.update({(row["topic"], row["partition"], name): count for name, count in counts.items()})
    return counted

"""One worker, from the five topics to `lead-assigned`."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from typing import Any

from tests.stage.environment import dice
from tests.stage.observed import total
from tests.stage.oracle import links_of
from tests.stage.stage import Stage
from tests.stage.upstream import Event, events
from tests.stage.violations import OUTCOMES, announcements, counters, offsets

# As if another worker had written these records: what became of them does not matter here.
TAKE = """
    update salesplan.position set next_offset = $3, no_match = no_match + $3 - next_offset
    where topic = $1 and partition = $2
"""
LEAD_KINDS = ("subscription", "order", "failed-payment", "paid")


async def test_every_lead_goes_where_a_plain_oracle_says(stage: Stage) -> None:
    """Events of all five kinds, some twice, some poison: outcomes, managers and reasons are those of the rules."""
    random = dice(1)
    await stage.send(islice(events(random, 2000, ("manager-contact",)), 2000))
    stage.start()
    await stage.until_handled()
    await stage.send(islice(events(random, 2000, LEAD_KINDS), 8000))
    found = await stage.finish()

    assert all(total(found, outcome) > 10 for outcome in ("assigned", "waiting", "no_match", "dead_lettered"))
    assert {row["reason"] for row in found.assignments} == {"even", "linked_contact", "linked_plan"}
    contacts: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in stage.sent:
        if event.kind == "manager-contact" and not event.poison:
            contacts[event.account, event.lead].append(event)
    earlier: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in found.assignments:
        lead = (row["account_id"], row["lead_id"])
        if row["links"]:
            assert json.loads(row["links"]) == links_of(contacts[lead], earlier[lead]), lead
        earlier[lead].append(row)


async def test_p22_the_same_events_at_other_offsets_change_nothing(stage: Stage) -> None:
    """Upstream sends everything once more: not a lead, a counter or an announcement is new."""
    stage.start()
    await stage.send(islice(events(dice(2), 1000), 2000))
    await stage.until_handled()
    before = await stage.observe()
    await stage.send(list(stage.sent))
    after = await stage.finish()

    for part in ("assignments", "waiting", "shares", "counters"):
        assert getattr(after, part) == getattr(before, part)
    assert total(after, "assigned") == total(before, "assigned")
    again = total(after, "already_assigned") - total(before, "already_assigned")
    assert again == total(before, "already_assigned") + total(before, "assigned")


async def test_records_that_somebody_else_has_written_are_dropped(stage: Stage) -> None:
    """A worker with a batch in hand finds that the positions have moved: it drops it, and reads on from there."""
    random = dice(3)
    good = (event for event in events(random, 10**6, ("order",)) if not event.poison)
    await stage.start_ready(1)
    await stage.send(islice(good, 100))
    await stage.until_handled()
    began = await stage.ends()
    async with stage.database() as somebody, somebody.transaction():
        await somebody.execute("select from salesplan.plan_counter for update")
        await stage.send(islice(good, 500))
        await stage.until_blocked()
        # Half of them: the batch in hand begins behind the position, and another must begin right at it.
        taken = {partition: (began[partition] + end) // 2 for partition, end in (await stage.ends()).items()}
        await somebody.executemany(TAKE, [(*partition, end) for partition, end in taken.items()])
    await stage.send(islice(good, 500))
    found = await stage.settle()

    assert [*counters(found), *announcements(found), *offsets(found)] == []
    assert sum(total(found, outcome) for outcome in OUTCOMES) == len(stage.sent)
    for row in found.assignments:
        partition, offset = (row["source_topic"], row["source_partition"]), row["source_offset"]
        assert not began[partition] <= offset < taken[partition], "a record was written twice"

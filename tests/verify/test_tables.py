"""The checker reports exactly what is broken: here in the tables, one healthy state cloned for each test."""
# ruff: noqa: S608 -- statements are put together from words of these tests

import pytest

from tests.verify.clone import (
    COUNTER,
    FIRST,
    JUNE,
    NAMES,
    NIGHT,
    POSITION,
    SECOND,
    Checked,
    reported,
)


async def test_a_healthy_state_has_no_violation(checked: Checked) -> None:
    """And its figures add up."""
    report = await checked.after("")
    assert report.violations == ()
    assert report.notes == ()
    assert (report.assigned, report.waiting, report.already_assigned) == (19, 5, 2)
    assert (report.no_match, report.contact_recorded, report.dead_lettered) == (1, 1, 4)
    assert (report.events, report.skipped, report.lag) == (32, 0, 0)
    assert (report.assignments, report.published, report.pending) == (21, 20, 1)
    assert (report.duplicates, report.max_spread) == (0, 0)


SWAP = f"""
    update salesplan.assignment a set manager_id = b.manager_id from salesplan.assignment b
    where a.{JUNE} and b.{JUNE} and (a.plan_seq, b.plan_seq) in ((1, 2), (2, 1))
"""

BROKEN = {
    # I2
    "a counter too high": (COUNTER.format("assigned[2] = assigned[2] + 1"), {"counters"}),
    "a latest number that is not": (COUNTER.format("last_seqs[1] = 0"), {"counters"}),
    "a manager from nowhere": (
        FIRST.format("manager_id = 'zed'"),
        {"counters", "decisions", "disagreeing"},
    ),
    "a roster that grew by itself": (
        f"update salesplan.plan set roster = roster || 'zed'::text where {JUNE}",
        {"rosters", "counters"},
    ),
    "a roster in another order": (
        f"update salesplan.plan set roster = array['rosa', 'sam'] where {NIGHT}",
        {"rosters", "counters"},
    ),
    "a waiting lead too many": (COUNTER.format("waiting = 1"), {"waiting"}),
    "a waiting lead lost": ("delete from salesplan.waiting_lead where lead_id = 'w3'", {"waiting", "lead_missing"}),
    "a plan without a counter": (
        f"delete from salesplan.plan_counter where {NIGHT}",
        {"rosters", "counters", "waiting", "sequences"},
    ),
    "an uneven plan": (
        f"update salesplan.assignment set manager_id = 'boris' where manager_id = 'anna' and {JUNE}",
        {"spread", "counters", "decisions", "disagreeing"},
    ),
    # I3
    "an outbox that was emptied": (
        "delete from salesplan.outbox",
        {"unpublished", "dead_letters", "letter_missing", "slots"},
    ),
    "another event id": (FIRST.format("event_id = uuidv7()"), {"unpublished", "strangers"}),
    # I4
    "a position beyond the end": (
        POSITION.format("next_offset = next_offset + 5, skipped = skipped + 5"),
        {"positions"},
    ),
    # I5
    "a last number too high": (COUNTER.format("last_seq = last_seq + 1"), {"sequences"}),
    "a gap in the numbers": (
        f"update salesplan.assignment set plan_seq = 99 where plan_seq = 9 and {JUNE}",
        {"sequences", "counters", "strangers"},
    ),
    "an assignment gone": (
        f"delete from salesplan.assignment where plan_seq = 9 and {JUNE}",
        {"sequences", "counters", "strangers", "lead_missing"},
    ),
    # I6
    "a version not yet in force": (
        f"update salesplan.plan_version set after_seq = after_seq + 1 where version = 2 and {SECOND}",
        {"versions"},
    ),
    "a version no longer in force": (
        f"update salesplan.plan_version set after_seq = after_seq - 1 where version = 2 and {SECOND}",
        {"versions"},
    ),
    "an archived version": (
        f"update salesplan.plan_version set archived = true where {JUNE}",
        {"versions"},
    ),
    "a version that goes down": (
        f"update salesplan.assignment set plan_version = 1 where plan_seq = 9 and {SECOND}",
        {"versions", "versions_fall", "disagreeing", "decisions"},
    ),
    "a version not kept": (
        f"delete from salesplan.plan_version where version = 3 and {NIGHT}",
        {"kept_versions"},
    ),
    # I7
    "two leads swapped": (SWAP, {"decisions", "disagreeing"}),
    "other links than were used": (
        """update salesplan.assignment set links = '{"contacts": [], "plans": []}' where reason = 'linked_contact'""",
        {"decisions"},
    ),
    "nobody active": (
        f"update salesplan.plan_version set active = array[false] where version = 2 and {NIGHT}",
        {"decisions"},
    ),
    # Slots
    "a row that was never written": ("update salesplan.slot set sequence = sequence + 1", {"slots"}),
    "unconfirmed rows gone": ("update salesplan.slot set confirmed = 0", {"slots"}),
    "a slot gone": ("delete from salesplan.slot", {"slots"}),
    "an older copy of the database": (
        "delete from salesplan.outbox; update salesplan.slot set sequence = 1, confirmed = 1",
        {"published_positions", "unpublished", "dead_letters", "letter_missing"},
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_in_the_tables_is_reported(checked: Checked, broken: str) -> None:
    """It, and nothing else."""
    statement, expected = BROKEN[broken]
    assert reported(await checked.after(statement)) == expected


async def test_what_a_clock_that_was_set_has_dated_is_no_violation(checked: Checked) -> None:
    """Versions and decisions are in order by number; where the release before wrote none, nothing is compared."""
    report = await checked.after(
        "update salesplan.plan_version set changed_at = changed_at + (case version % 2 when 0 then -1 else 1 end)"
        f" * interval '1 hour'; update salesplan.plan_version set after_seq = null where {SECOND}"
    )
    assert report.violations == ()


FIELDS = {
    "lead_id": FIRST.format("lead_id = 'other'"),
    "previous_manager_id": FIRST.format("previous_manager_id = 'other'"),
    "revision": FIRST.format("revision = 2"),
    "plan.name": f"update salesplan.plan_version set name = 'other' where {JUNE}",
    "label": f"update salesplan.plan_version set label_color = null where {JUNE}",
    "trigger.kind, trigger.lgt_id, trigger.offer_id": FIRST.format("trigger_kind = 'order'"),
    "trigger.event_id": FIRST.format("trigger_event_id = uuidv7()"),
    "trigger.lgt_id": FIRST.format("trigger_ref = 'other'"),
    "trigger.offer_id": (f"update salesplan.assignment set trigger_ref = 'other' where plan_seq = 1 and {SECOND}"),
    "occurred_at": FIRST.format("assigned_at = assigned_at + interval '1 millisecond'"),
}


@pytest.mark.parametrize("field", FIELDS)
async def test_a_message_that_differs_from_the_ledger_is_reported_by_the_field(checked: Checked, field: str) -> None:
    """Every field of the contract that the ledger knows."""
    report = await checked.after(FIELDS[field])
    # Where the message is right, the record that the lead came from contradicts the ledger as well.
    assert reported(report) - {"lead_sources", "lead_missing"} == {"disagreeing"}
    [differing] = [found for found in report.violations if NAMES[found.message] == "disagreeing"]
    assert all(example.endswith(f"differs in {field}") for example in differing.examples)


async def test_manager_version_and_reason_of_a_message_are_compared_too(checked: Checked) -> None:
    """They break more than the message."""
    report = await checked.after(FIRST.format("manager_id = 'zed', plan_version = 7, reason = 'linked_plan'"))
    [differing] = [found for found in report.violations if NAMES[found.message] == "disagreeing"]
    assert differing.count == 1
    assert differing.examples[0].endswith("differs in manager_id, plan.version, plan.name, label, reason")


async def test_examples_are_few_and_all_are_counted(checked: Checked) -> None:
    """Ten of each, however many there are; by plan, lead and event, without payloads."""
    report = await checked.after("update salesplan.assignment set event_id = gen_random_uuid()")
    [unpublished] = [found for found in report.violations if NAMES[found.message] == "unpublished"]
    assert unpublished.count == report.assignments == 21
    assert len(unpublished.examples) == 10
    assert unpublished.examples[0].startswith("acme/june number 1, lead l0, event ")
    assert (report.published, report.pending) == (0, 0)

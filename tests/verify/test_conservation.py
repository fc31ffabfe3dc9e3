"""I1, the ledger against the inputs: one healthy state cloned for each test, and broken in the tables."""
# ruff: noqa: S608 -- statements are put together from words of these tests

import pytest

from tests.verify.clone import CONTACTS, FIRST, JUNE, NIGHT, POSITION, Checked, reported

WAIT_TOO = f"""
    insert into salesplan.waiting_lead
    select plan_no, 0, lead_id, assigned_at, trigger_kind, trigger_event_id, trigger_ref,
           source_topic, source_partition, source_offset
    from salesplan.assignment where plan_seq = 1 and {JUNE};
    update salesplan.plan_counter set waiting = 1 where {JUNE}
"""
TWICE = f"""
    alter table salesplan.assignment drop constraint assignment_lead_id_plan_no_key;
    update salesplan.assignment set lead_id = 'l1' where lead_id = 'l0' and {JUNE}
"""
UNMATCHED = "update salesplan.unmatched set times = times {} 1; " + POSITION
NOWHERE = " and no_match = 1"
REPEATED = " and already_assigned > 0 and no_match = 0"
LAST_WAITING = "salesplan.waiting_lead where lead_id = 'w4'"
GLOBEX = "plan_no = (select plan_no from salesplan.plan where account_id = 'globex')"
# Of a lead's only record in its plan and partition nothing is left.
FORGOTTEN = f"""
    delete from salesplan.assignment where {GLOBEX};
    update salesplan.plan_counter set last_seq = 0, assigned = '{{{{0}}}}', last_seqs = '{{{{0}}}}' where {GLOBEX};
    update salesplan.plan_version set changed_at = changed_at - interval '{{}}' where {GLOBEX}
"""

BROKEN = {
    "an outcome too many": (
        UNMATCHED.format("+", "no_match = no_match + 1") + NOWHERE,
        {"outcomes", "records", "input_outcomes"},
    ),
    "a record without an outcome": (
        POSITION.format("already_assigned = already_assigned - 1") + REPEATED,
        {"outcomes", "records"},
    ),
    "a negative count": (
        POSITION.format("already_assigned = already_assigned - 2, skipped = skipped + 2") + REPEATED,
        {"outcomes", "records"},
    ),
    "a record skipped as if there were none": (
        POSITION.format("already_assigned = already_assigned - 1, skipped = skipped + 1") + REPEATED,
        {"records"},
    ),
    "an outcome for an offset without a record": (
        POSITION.format("already_assigned = already_assigned + 1, skipped = skipped - 1") + REPEATED,
        {"outcomes", "records"},
    ),
    "more records assigned than leads came": (
        POSITION.format("assigned = assigned + waiting + already_assigned, waiting = 0, already_assigned = 0")
        + REPEATED,
        {"sources"},
    ),
    "fewer records assigned than leads came": (
        POSITION.format("already_assigned = already_assigned + assigned + waiting, assigned = 0, waiting = 0"),
        {"sources"},
    ),
    "a lead of a record not yet read": (FIRST.format("source_offset = 1000"), {"sources"}),
    "a contact dead-lettered": (
        CONTACTS.format("contact_recorded = 0, dead_lettered = 1"),
        {"dead_letters", "input_outcomes"},
    ),
    "a contact that assigned nobody": (
        CONTACTS.format("contact_recorded = 0, already_assigned = 1"),
        {"input_outcomes"},
    ),
    "a good record dead-lettered, and none of it there": (
        POSITION.format("already_assigned = already_assigned - 1, dead_lettered = 1") + REPEATED,
        {"dead_letters", "input_outcomes"},
    ),
    "an unmatched record that was taken for another": (
        UNMATCHED.format("-", "no_match = 0, already_assigned = already_assigned + 1") + NOWHERE,
        {"input_outcomes"},
    ),
    "a record that a plan listed, unmatched": (
        UNMATCHED.format("+", "already_assigned = already_assigned - 1, no_match = 1") + REPEATED,
        {"input_outcomes"},
    ),
    "what falls through counted once more": ("update salesplan.unmatched set times = times + 1", {"unmatched"}),
    "what falls through forgotten": ("delete from salesplan.unmatched", {"unmatched"}),
    "a lead both waiting and assigned": (WAIT_TOO, {"lead_twice"}),
    "a lead twice in a plan": (TWICE, {"lead_twice", "disagreeing", "lead_sources", "lead_missing"}),
    "a waiting lead gone, and its counter with it": (
        f"delete from {LAST_WAITING}; update salesplan.plan_counter set waiting = waiting - 1 where {NIGHT}",
        {"lead_missing"},
    ),
    "a lead gone from a plan that may have been made after it": (FORGOTTEN.format("0"), {"strangers"}),
    "a lead gone from a plan that was made long before": (
        FORGOTTEN.format("2 days"),
        {"strangers", "lead_missing"},
    ),
    "a waiting lead of another event": (
        f"update {LAST_WAITING.replace(' where', ' set trigger_event_id = uuidv7() where')}",
        {"lead_sources"},
    ),
    "a contact forgotten": ("delete from salesplan.contact", {"contacts"}),
    "a contact that was never sent": (
        "insert into salesplan.contact values ('acme', 'l3', 'gita', now(), 1)",
        {"contacts"},
    ),
    "an older contact kept": (
        "update salesplan.contact set occurred_at = occurred_at - interval '1 microsecond'",
        {"contacts"},
    ),
    "a later contact kept than was sent": (
        "update salesplan.contact set occurred_at = occurred_at + interval '1 microsecond'",
        {"contacts"},
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_contradicts_the_inputs_is_reported(checked: Checked, broken: str) -> None:
    """It, and nothing else."""
    statement, expected = BROKEN[broken]
    assert reported(await checked.after(statement)) == expected


SOURCES = {
    "the record has another lead": FIRST.format("lead_id = 'other'"),
    "the record has another trigger": FIRST.format("trigger_kind = 'order'"),
    "the record has another LGT or offer": FIRST.format("trigger_ref = 'other'"),
    "the record has another event": FIRST.format("trigger_event_id = uuidv7()"),
    "the record has another account": "update salesplan.plan set account_id = 'other' where account_id = 'globex'",
}


@pytest.mark.parametrize("words", SOURCES)
async def test_a_lead_whose_record_says_otherwise_is_reported_by_what_differs(checked: Checked, words: str) -> None:
    """With the record's place."""
    report = await checked.after(SOURCES[words])
    [differing] = [found for found in report.violations if found.message.startswith("a lead came from")]
    assert differing.count == 1
    assert differing.examples[0].endswith(
        f"-subscription[{'1' if 'account' in words else '0'}]@{'4' if 'account' in words else '0'}: {words}"
    )


async def test_a_record_with_two_fates_is_reported(checked: Checked) -> None:
    """A dead letter that brought a lead in as well."""
    topic, partition, offset = checked.poison[0]
    report = await checked.after(
        f"update salesplan.assignment set source_offset = {offset} where ctid = (select min(ctid)"
        f" from salesplan.assignment where source_topic = '{topic}' and source_partition = {partition})"
    )
    assert reported(report) == {"two_fates", "lead_sources"}
    examples = [example for found in report.violations for example in found.examples]
    assert len([example for example in examples if f"{topic}[{partition}]@{offset}" in example]) == 2
    assert any(example.endswith("the record is poison") for example in examples)


async def test_each_violation_names_the_records_concerned(checked: Checked) -> None:
    """Here a poison record whose dead letter is gone, and the lead of one."""
    topic, partition, offset = checked.poison[-1]
    report = await checked.after("delete from salesplan.outbox")
    told = {found.message: found.examples for found in report.violations}
    assert told["a poison record has no dead letter"] == (f"{topic}[{partition}]@{offset}",)

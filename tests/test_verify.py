"""The checker reports exactly what is broken: here in the tables, one healthy state cloned for each test."""
# ruff: noqa: S608 -- statements are put together from words of these tests

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from tests.servers import KafkaServer, PostgresServer
from tests.shop import opened, shop_settings, trade
from worker.settings import Settings
from worker.verify import Report, verify
from worker.verify.checks import OF_LATER_SNAPSHOT, OF_SNAPSHOT

NAMES = {check.message: check.query.removeprefix("verify_") for check in (*OF_SNAPSHOT, *OF_LATER_SNAPSHOT)} | {
    "an even plan is uneven": "spread",
    "a decision is not what the rules give": "decisions",
}
JUNE = "plan_no = (select plan_no from salesplan.plan where account_id = 'acme' and plan_id = 'june')"
SECOND = JUNE.replace("june", "second")
NIGHT = JUNE.replace("june", "night")


class Healthy(NamedTuple):
    """The state that is cloned, and where its poison was read."""

    settings: Settings
    database: str
    poison: list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def healthy(postgres_server: PostgresServer, kafka_server: KafkaServer, template_database: str) -> Iterator[Healthy]:
    name = f"salesplan_healthy_{uuid4().hex[:12]}"

    async def build() -> Healthy:
        await _execute(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
        settings = shop_settings(postgres_server.dsn(name), kafka_server.bootstrap_servers)
        async with opened(settings) as shop:
            await trade(shop)
            return Healthy(settings, name, shop.poison)

    with ThreadPoolExecutor(1) as apart:
        yield apart.submit(asyncio.run, build()).result()
        apart.submit(asyncio.run, _execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')).result()


async def _execute(server: PostgresServer, statement: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(server.dsn(database))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def checked(healthy: Healthy, postgres_server: PostgresServer) -> "Checked":
    name = f"salesplan_test_{uuid4().hex[:12]}"
    await _execute(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{healthy.database}"')
    return Checked(healthy, postgres_server, name)


class Checked:
    """A clone of the healthy state."""

    def __init__(self, healthy: Healthy, server: PostgresServer, database: str) -> None:
        self.poison = healthy.poison
        self._server = server
        self._database = database
        self._settings = healthy.settings.model_copy(update={"database_url": SecretStr(server.dsn(database))})

    async def after(self, statement: str) -> Report:
        """The checker's report on the state after the statement; the clone is gone then."""
        if statement:
            await _execute(self._server, statement, self._database)
        try:
            return await verify(self._settings)
        finally:
            await _execute(self._server, f'DROP DATABASE "{self._database}" WITH (FORCE)')


def reported(report: Report) -> set[str]:
    """What is reported, by the names of the checks."""
    return {NAMES[violation.message] for violation in report.violations}


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


COUNTER = "update salesplan.plan_counter set {} where " + JUNE
POSITION = "update salesplan.position set {} where topic like '%.subscription'"
CONTACTS = "update salesplan.position set {} where topic like '%.manager-contact' and contact_recorded = 1"
FIRST = "update salesplan.assignment set {} where plan_seq = 1 and " + JUNE
WAIT_TOO = f"""
    insert into salesplan.waiting_lead
    select plan_no, 0, lead_id, assigned_at, trigger_kind, trigger_event_id, trigger_ref,
           source_topic, source_partition, source_offset
    from salesplan.assignment where plan_seq = 1 and {JUNE};
    update salesplan.plan_counter set waiting = 1 where {JUNE}
"""
TWICE = """
    alter table salesplan.assignment drop constraint assignment_lead_id_plan_no_key;
    update salesplan.assignment set lead_id = 'l1' where lead_id = 'l0' and """
SWAP = f"""
    update salesplan.assignment a set manager_id = b.manager_id from salesplan.assignment b
    where a.{JUNE} and b.{JUNE} and (a.plan_seq, b.plan_seq) in ((1, 2), (2, 1))
"""

BROKEN = {
    # I1
    "an outcome too many": (POSITION.format("no_match = no_match + 1"), {"outcomes"}),
    "a record without an outcome": (CONTACTS.format("contact_recorded = 0"), {"outcomes"}),
    "a negative count": (POSITION.format("no_match = -1, skipped = no_match + 1"), {"outcomes"}),
    "more records assigned than leads came": (
        POSITION.format(
            "assigned = assigned + waiting + already_assigned + no_match"
            ", waiting = 0, already_assigned = 0, no_match = 0"
        ),
        {"sources"},
    ),
    "fewer records assigned than leads came": (
        POSITION.format("no_match = no_match + assigned + waiting, assigned = 0, waiting = 0"),
        {"sources"},
    ),
    "a lead of a record not yet read": (FIRST.format("source_offset = 1000"), {"sources"}),
    "a dead letter too few": (CONTACTS.format("contact_recorded = 0, dead_lettered = 1"), {"dead_letters"}),
    "a lead both waiting and assigned": (WAIT_TOO, {"lead_twice"}),
    "a lead twice in a plan": (TWICE + JUNE, {"lead_twice", "disagreeing"}),
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
    "a waiting lead lost": ("delete from salesplan.waiting_lead where lead_id = 'w3'", {"waiting"}),
    "a plan without a counter": (
        f"delete from salesplan.plan_counter where {NIGHT}",
        {"rosters", "counters", "waiting", "sequences"},
    ),
    "an uneven plan": (
        f"update salesplan.assignment set manager_id = 'boris' where manager_id = 'anna' and {JUNE}",
        {"spread", "counters", "decisions", "disagreeing"},
    ),
    # I3
    "an outbox that was emptied": ("delete from salesplan.outbox", {"unpublished", "dead_letters", "slots"}),
    "another event id": (FIRST.format("event_id = uuidv7()"), {"unpublished", "strangers"}),
    # I4
    "a position beyond the end": (
        POSITION.format("next_offset = next_offset + 5, no_match = no_match + 5"),
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
        {"sequences", "counters", "strangers"},
    ),
    # I6
    "a version not yet in force": (
        f"update salesplan.plan_version set changed_at = changed_at + interval '1 hour' where version = 2 and {SECOND}",
        {"versions"},
    ),
    "a version no longer in force": (
        f"update salesplan.plan_version set changed_at = changed_at - interval '1 hour' where {SECOND}",
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
        {"published_positions", "unpublished", "dead_letters"},
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_in_the_tables_is_reported(checked: Checked, broken: str) -> None:
    """It, and nothing else."""
    statement, expected = BROKEN[broken]
    assert reported(await checked.after(statement)) == expected


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
    assert reported(report) == {"disagreeing"}
    assert all(example.endswith(f"differs in {field}") for example in report.violations[0].examples)


async def test_manager_version_and_reason_of_a_message_are_compared_too(checked: Checked) -> None:
    """They break more than the message."""
    report = await checked.after(FIRST.format("manager_id = 'zed', plan_version = 7, reason = 'linked_plan'"))
    [differing] = [found for found in report.violations if NAMES[found.message] == "disagreeing"]
    assert differing.count == 1
    assert differing.examples[0].endswith("differs in manager_id, plan.version, plan.name, label, reason")


async def test_a_record_with_two_fates_is_reported(checked: Checked) -> None:
    """A dead letter that brought a lead in as well."""
    topic, partition, offset = checked.poison[0]
    report = await checked.after(
        f"update salesplan.assignment set source_offset = {offset} where ctid = (select min(ctid)"
        f" from salesplan.assignment where source_topic = '{topic}' and source_partition = {partition})"
    )
    assert reported(report) == {"two_fates"}
    assert f"{topic}[{partition}]@{offset}" in report.violations[0].examples[0]


async def test_examples_are_few_and_all_are_counted(checked: Checked) -> None:
    """Ten of each, however many there are; by plan, lead and event, without payloads."""
    report = await checked.after("update salesplan.assignment set event_id = gen_random_uuid()")
    [unpublished] = [found for found in report.violations if NAMES[found.message] == "unpublished"]
    assert unpublished.count == report.assignments == 21
    assert len(unpublished.examples) == 10
    assert unpublished.examples[0].startswith("acme/june number 1, lead l0, event ")
    assert (report.published, report.pending) == (0, 0)

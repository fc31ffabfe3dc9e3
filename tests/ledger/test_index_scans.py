"""The statements of every batch walk an index, whatever the tables were like when they were prepared."""

import json

import pytest

from db import query
from tests.support.explained import nodes
from tests.support.office import Office
from tests.support.statements import PREPARE, STATEMENTS, call

EXPLAIN = "explain (analyze, timing off, format json) execute {}"
MOST_ROWS = 20
PLANS = """
insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
select 'acme', 'plan-' || n, 1, false, '{anna}', n from generate_series(1, 300) n;
insert into salesplan.plan_counter (plan_no, assigned, last_seqs) select plan_no, '{0}', '{0}' from salesplan.plan;
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset)
select 'salesplan', topic, partition, 0, 0
from unnest('{order,paid,subscription,failed-payment,manager-contact}'::text[]) topic, generate_series(0, 99) partition;
"""
LEADS = """
insert into salesplan.assignment
       (plan_no, plan_seq, lead_id, manager_id, revision, reason, plan_version, trigger_kind, trigger_event_id,
        trigger_ref, source_topic, source_partition, source_offset, event_id, assigned_at)
select 1 + n % 5, n, 'lead-' || n, 'anna', 1, 'even', 1, 'order', gen_random_uuid(), 'offer', 'order', 0, n,
       gen_random_uuid(), now()
from generate_series(1, 20000) n;
insert into salesplan.waiting_lead
       (plan_no, arrival, lead_id, since, trigger_kind, trigger_event_id, trigger_ref, source_topic, source_partition,
        source_offset)
select 6 + n % 5, n, 'lead-' || n, now(), 'order', gen_random_uuid(), 'offer', 'order', 0, n
from generate_series(1, 20000) n;
insert into salesplan.contact (account_id, lead_id, manager_id, occurred_at, arrival)
select 'acme', 'lead-' || n, 'anna', now(), n from generate_series(1, 20000) n;
"""
FEW_LEADS = LEADS.replace("(1, 20000)", "(20001, 20003)")


@pytest.mark.parametrize("before", ["select 1", f"{PLANS} {FEW_LEADS} analyze"], ids=["empty", "small"])
async def test_statements_prepared_before_the_tables_grew_walk_an_index(office: Office, before: str) -> None:
    """A worker's prepared statements are as old as its connection, and the tables grow."""
    await office.connection.execute(before)
    async with office.connection.transaction():
        for name in STATEMENTS:
            await office.connection.execute(PREPARE.format(name, query(name)))
            for _ in range(10):  # the sixth time a plan for any arguments may be kept
                await office.connection.execute(f"execute {call(name)}")
        await office.connection.execute(LEADS if PLANS in before else PLANS + LEADS)
        for name in STATEMENTS:
            await walks_an_index(office, name)


async def test_statements_walk_an_index_before_there_are_statistics(office: Office) -> None:
    """In the first minute of a new database, and after a restore."""
    await office.connection.execute(PLANS + LEADS)
    for name in STATEMENTS:
        await office.connection.execute(PREPARE.format(name, query(name)))
        await walks_an_index(office, name)


async def test_statements_walk_an_index_by_the_statistics(office: Office) -> None:
    """Once the tables are full and known to be."""
    await office.connection.execute(f"{PLANS} {LEADS} analyze")
    for name in STATEMENTS:
        await office.connection.execute(PREPARE.format(name, query(name)))
        await walks_an_index(office, name)


async def walks_an_index(office: Office, name: str) -> None:
    """No table is read from end to end, and of those that grow no row that is not wanted."""
    explained = json.loads(await office.connection.fetchval(EXPLAIN.format(call(name))))
    scans = [node for node in nodes(explained[0]["Plan"]) if "Relation Name" in node and "Scan" in node["Node Type"]]
    assert scans, name
    for node in scans:
        assert node["Node Type"] in {"Index Scan", "Index Only Scan", "Tid Scan"}, (name, node)
        if node["Relation Name"] in {"assignment", "waiting_lead", "contact"}:
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert rows * node["Actual Loops"] <= MOST_ROWS, (name, node)

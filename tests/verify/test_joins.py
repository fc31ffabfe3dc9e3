"""The checker's statements join by hashing, whatever the planner expects.

What it expects is wrong by thousands where a record is looked up in a range of offsets. A nested loop is then chosen
for a handful of rows, and goes through all records once for each lead.
"""

import json

import pytest

from db import query
from tests.support.explained import nodes
from worker import postgres
from worker.verify.check import SESSION, TABLES
from worker.verify.checks import EXAMPLES, OF_LATER_SNAPSHOT, OF_SNAPSHOT, Check

LARGE = {"assignment", "waiting_lead", "contact", "input_record", "announced", "dead_letter", "entry", "in_force"}
ROWS = """
insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
select 'acme', 'plan-' || n, 1, false, '{anna}', n from generate_series(1, 10) n;
insert into salesplan.assignment
       (plan_no, plan_seq, lead_id, manager_id, revision, reason, plan_version, trigger_kind, trigger_event_id,
        trigger_ref, source_topic, source_partition, source_offset, event_id, assigned_at)
select 1 + n % 10, n, 'lead-' || n, 'anna', 1, 'even', 1, 'order', gen_random_uuid(), 'offer', 'order', n % 4, n / 4,
       gen_random_uuid(), now()
from generate_series(1, 20000) n;
insert into input_record (topic, partition, "offset", written_at, digest, poison, kind, account_id, lead_id, ref)
select 'order', n % 4, n / 4, now(), '', n % 100 = 0, 'order', 'acme', 'lead-' || n, 'offer'
from generate_series(1, 40000) n;
insert into input_range select 'order', n, 0, 10000, now() from generate_series(0, 3) n;
insert into log values ('order', 'cluster', gen_random_uuid());
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset)
select 'salesplan', 'order', n, 0, 10000 from generate_series(0, 3) n;
insert into announced (source, topic, partition, "offset", digest, account_id, plan_id, plan_seq, lead_id)
select 'committed', 'lead-assigned', n % 4, n / 4, '', 'acme', 'plan-' || n % 10, n, 'lead-' || n
from generate_series(1, 20000) n;
insert into dead_letter
       (source, topic, partition, "offset", digest, group_id, origin_topic, origin_partition, origin_offset)
select 'committed', 'dlq.order', n % 4, n / 4, '', 'salesplan', 'order', n % 4, n / 4
from generate_series(100, 40000, 100) n;
analyze;
"""


@pytest.mark.parametrize("check", [*OF_SNAPSHOT, *OF_LATER_SNAPSHOT], ids=lambda check: check.query)
async def test_no_check_goes_through_all_records_for_each_of_others(database_url: str, check: Check) -> None:
    given = {"group": "salesplan", "output": "lead-assigned"}
    async with postgres.connected(database_url, application_name="test", settings=SESSION) as connection:
        await connection.execute(TABLES + ROWS)
        explain = f"explain (format json) {query(check.query)}"
        parameters = [given[name] for name in check.parameters]
        plan = json.loads(await connection.fetchval(explain, EXAMPLES, *parameters))[0]["Plan"]
    for node in nodes(plan):
        if node["Node Type"] == "Nested Loop":
            _, inner = (below for below in node["Plans"] if below["Parent Relationship"] in ("Outer", "Inner"))
            read = {below["Relation Name"] for below in nodes(inner) if below["Node Type"] == "Seq Scan"}
            assert not read & LARGE, node

"""Pages read as many pages of the ledger as they show rows, whatever the statistics say and however large it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from db import query
from tests.db.entering import entered
from tests.support.explained import nodes
from tests.support.make import plan
from tests.support.office import Office
from worker.postgres import Connection

LEADS = 20_000
START = datetime(2026, 11, 23, tzinfo=UTC)
# Anna and boris by turns; clara only among the first hundred.
FILL = """
insert into salesplan.assignment
       (plan_no, plan_seq, lead_id, manager_id, revision, reason, plan_version, trigger_kind, trigger_event_id,
        trigger_ref, source_topic, source_partition, source_offset, event_id, assigned_at)
select p.plan_no, n, 'lead-' || n,
       case when n <= 100 and n % 10 = 0 then 'clara' when n % 2 = 0 then 'anna' else 'boris' end,
       1, 'even', 1, 'order', gen_random_uuid(), 'offer', 'order', 0, n, gen_random_uuid(),
       $2::timestamptz + n * interval '1 minute'
from salesplan.plan p, generate_series(1, $1::integer) n
where p.plan_id = 'june' and p.account_id = 'acme'
"""
COUNT = """
update salesplan.plan_counter c
set last_seq = $1::bigint, assigned = array[$1 / 2 - 10, $1 / 2, 10]::integer[], last_seqs = array[$1, $1 - 1, 100]
from salesplan.plan p
where p.plan_no = c.plan_no and p.plan_id = 'june' and p.account_id = 'acme'
"""
# By statement, its arguments, and how many pages of the database it may read: a row is a page at worst, its contact and
# its name two more each.
OWN = {
    "newest": ("console/own_page", ("june", None, 50), 500),
    "in the middle": ("console/own_page", ("june", "lead-10002", 50), 500),
    "one lead": ("console/own_lead", ("lead-10002",), 60),
}
HEADS = {
    "newest": ("console/clients", ("june", None, None, 50), 120),
    "of one manager": ("console/clients", ("june", "anna", 10_000, 50), 200),
    "of one who left": ("console/clients", ("june", "clara", None, 9), 120),
    "days": ("console/numbers_before", ("june", [START + timedelta(days=day) for day in range(15)]), 2000),
    "last lead": ("console/last_lead", (), 120),  # two look-ups a plan
}
STATES = ("never analysed", "analysed", "analysed while it was small")


@pytest.fixture(params=STATES)
async def large(house: Office, request: pytest.FixtureRequest) -> Office:
    """20,000 leads in june; the planner knows of them, or has never looked, or looked when there were four."""
    if request.param == "analysed while it was small":
        await house.connection.execute("analyze")
    await house.connection.execute("delete from salesplan.assignment")
    await house.edit(plan("june", "anna", "boris", "clara"))
    await house.connection.execute(FILL, LEADS, START)
    await house.connection.execute(COUNT, LEADS)
    if request.param == "analysed":
        await house.connection.execute("analyze")
    return house


async def pages(connection: Connection, name: str, arguments: tuple[object, ...]) -> int:
    """The number of pages that the statement reads, once the session knows the catalogue."""
    for _ in range(2):
        explained = await connection.fetchval(f"explain (analyze, buffers, format json) {query(name)}", *arguments)
    top = json.loads(explained)[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


async def test_a_manager_s_pages(large: Office, console: Connection) -> None:
    """Clara's clients are 19,900 leads back: her page begins at the latest of them."""
    for _ in range(7):  # a plan for any arguments may be kept by then
        async with entered(console, "anna@x"):
            assert len(await console.fetch(query("console/own_page"), "june", None, 50)) == 50
    for what, (name, arguments, most) in OWN.items():
        async with entered(console, "anna@x"):
            assert await pages(console, name, arguments) <= most, what
    await large.connection.execute("insert into salesplan.person values ('clara@x', 'acme', 'manager', 'clara')")
    async with entered(console, "clara@x"):
        assert len(await console.fetch(query("console/own_page"), "june", None, 50)) == 10
        assert await pages(console, "console/own_page", ("june", None, 50)) <= 200


async def test_a_head_s_pages(large: Office, head: Connection) -> None:
    for what, (name, arguments, most) in HEADS.items():
        async with entered(head, "hanna@x"):
            assert await pages(head, name, arguments) <= most, what


async def test_the_pace_of_a_plan(large: Office, head: Connection) -> None:
    """The latest lead came half a minute ago, and one came each minute before: 10,080 in seven days."""
    latest = START + timedelta(minutes=LEADS)
    await large.connection.execute(
        "update salesplan.assignment set assigned_at = assigned_at + (now() - $1::timestamptz) - interval '30 s'",
        latest,
    )
    (june,) = await large.rows("select plan_no from salesplan.plan where plan_id = 'june' and account_id = 'acme'")
    async with entered(head, "hanna@x"):
        row = await head.fetchrow(query("plans/pace"), [june[0]])
        assert row
        assert row["leads"] == 10_080
        assert await pages(head, "plans/pace", ([june[0]],)) <= 200
    assert await pages(large.connection, "plans/pace", ([june[0]],)) <= 200
    async with entered(head, "hugo@x", "globex"):
        assert await head.fetch(query("plans/pace"), [june[0]]) == []


async def test_figures_between_two_numbers_read_what_is_between(large: Office, head: Connection) -> None:
    """Through a view with a barrier, which lets numbers pass to the index and nothing that tells."""
    (june,) = await large.rows("select plan_no from salesplan.plan where plan_id = 'june' and account_id = 'acme'")
    for name in ("console/shares_between", "console/sources_between"):
        async with entered(head, "hanna@x"):
            explained = await head.fetchval(
                f"explain (analyze, buffers, format json) {query(name)}", june[0], 10_000, 10_100
            )
        scans = [node for node in nodes(json.loads(explained)[0]["Plan"]) if node.get("Relation Name") == "assignment"]
        assert [node["Actual Rows"] * node["Actual Loops"] for node in scans] == [100], scans


async def test_the_latest_leads_are_looked_up_by_their_numbers(large: Office, head: Connection) -> None:
    """Three managers: a look-up each, clara's far back."""
    (june,) = await large.rows("select plan_no from salesplan.plan where plan_id = 'june' and account_id = 'acme'")
    async with entered(head, "hanna@x"):
        latest = {row["manager_id"] for row in await head.fetch(query("console/latest_leads"), june[0])}
        assert latest == {"anna", "boris", "clara"}
        assert await pages(head, "console/latest_leads", june) <= 60

"""A reader who keeps an old snapshot open, as a report or a dump does, keeps every old version of every row with it."""

import json

from db import query
from tests.ledger.office import Office
from tests.make import lead, plan
from worker import postgres

BATCHES = 1200
LEADS = 10  # of a batch
MOST_PAGES = 8
EXPLAIN = "explain (analyze, buffers, timing off, format json) execute locking ('{{{}}}', '{{}}')"


async def test_p23_plans_are_locked_past_few_of_the_versions_that_an_old_snapshot_keeps(
    fast_office: Office, database_url: str
) -> None:
    """However many batches were written since it was taken: as many pages are read at the end as at the beginning."""
    office = fast_office
    await office.edit(plan("alpha", "anna", "boris"))
    await office.refresh()
    (alpha,) = office.book.plans
    await office.connection.execute(f"prepare locking as {query('lock_counters')}")
    async with (
        postgres.connected(database_url, application_name="report") as report,
        postgres.transaction(report, isolation="repeatable_read", readonly=True),
    ):
        assert await report.fetchval("select count(*) from salesplan.assignment") == 0
        await office.write(lead("first", "alpha"))
        assert await pages(office, alpha) <= MOST_PAGES
        for batch in range(BATCHES):
            await office.write(*(lead(f"lead-{batch}-{number}", "alpha") for number in range(LEADS)))
        assert await pages(office, alpha) <= MOST_PAGES
        assert await report.fetchval("select count(*) from salesplan.assignment") == 0
    ((assigned,),) = await office.rows("select assigned from salesplan.plan_counter")
    assert sorted(assigned) == [6000, 6001]


async def pages(office: Office, plan_no: int) -> int:
    """How many pages it takes to lock the plan."""
    (explained,) = json.loads(await office.connection.fetchval(EXPLAIN.format(plan_no)))
    plan = explained["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

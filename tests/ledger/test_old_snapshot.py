"""A reader who keeps an old snapshot open, as a report or a dump does, keeps every old version of every row with it."""

import json

from db import query
from tests.support.make import lead, plan
from tests.support.office import Office
from worker import postgres

BATCHES = 400
PLANS = 20
MOST_PAGES = 8
EXPLAIN = "explain (analyze, buffers, timing off, format json) execute locking ('{{{}}}')"


async def test_p23_plans_are_locked_past_few_of_the_versions_that_an_old_snapshot_keeps(
    fast_office: Office, database_url: str
) -> None:
    """However many batches were written since it was taken, and whatever the statistics say of that many versions."""
    office = fast_office
    names = [f"plan-{number}" for number in range(PLANS)]
    await office.edit(*(plan(name, "anna", "boris") for name in names))
    await office.refresh()
    chosen = min(office.book.plans)
    await office.connection.execute(f"prepare locking as {query('batch/lock_counters')}")
    async with (
        postgres.connected(database_url, application_name="report") as report,
        postgres.transaction(report, isolation="repeatable_read", readonly=True),
    ):
        assert await report.fetchval("select count(*) from salesplan.assignment") == 0
        for batch in range(BATCHES):
            await office.write(*(lead(f"lead-{batch}-{name}", name) for name in names))
            if batch % 64 == 62:  # the era's last: it has the most versions
                assert await pages(office, chosen) <= MOST_PAGES
                await office.connection.execute("analyze salesplan.plan_counter")  # as autovacuum does
                assert await pages(office, chosen) <= MOST_PAGES
        assert await report.fetchval("select count(*) from salesplan.assignment") == 0
    counters = await office.rows("select assigned from salesplan.plan_counter")
    assert counters == [([BATCHES // 2, BATCHES // 2],)] * PLANS


async def test_the_era_is_that_of_the_last_lead(office: Office) -> None:
    """No statement writes it: 64 leads make an era."""
    await office.edit(plan("alpha", "anna"))
    for batch, (last_seq, era) in enumerate([(40, 0), (80, 1), (120, 1), (160, 2), (200, 3)]):
        await office.write(*(lead(f"lead-{batch}-{number}", "alpha") for number in range(40)))
        assert await office.rows("select last_seq, era from salesplan.plan_counter") == [(last_seq, era)]


async def pages(office: Office, plan_no: int) -> int:
    """The number of pages that it takes to lock the plan."""
    (explained,) = json.loads(await office.connection.fetchval(EXPLAIN.format(plan_no)))
    plan = explained["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

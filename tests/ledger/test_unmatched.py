"""Events without a plan are counted by account, trigger and LGT or offer."""

from datetime import datetime

from tests.support.make import lead, order, plan
from tests.support.office import Office
from worker.rules.event import Trigger


async def unmatched(office: Office) -> dict[tuple[str, str, str], tuple[int, datetime]]:
    rows = await office.rows("select * from salesplan_api.unmatched")
    return {(account, kind, ref): (times, seen) for account, kind, ref, times, seen in rows}


async def now(office: Office) -> datetime:
    found: datetime = await office.connection.fetchval("select date_trunc('milliseconds', clock_timestamp())")
    return found


async def test_each_account_trigger_and_reference_has_its_count(office: Office) -> None:
    """An account that nobody knows has its own too."""
    await office.edit(plan("alpha", "anna"))
    await office.write(
        lead("lead-1", "gone"),
        lead("lead-1", "gone"),
        order("lead-1", "gone"),
        lead("lead-1", "gone", Trigger.PAID),
        lead("lead-1", "gone", account="nobody"),
        lead("lead-1", "alpha", account="nobody"),
        lead("lead-1", "alpha"),
    )
    await office.write(order("lead-2", "gone"))
    assert {key: times for key, (times, _) in (await unmatched(office)).items()} == {
        ("acme", "subscription", "gone"): 2,
        ("acme", "order", "gone"): 2,
        ("acme", "paid", "gone"): 1,
        ("nobody", "subscription", "gone"): 1,
        ("nobody", "subscription", "alpha"): 1,
    }


async def test_the_time_is_that_of_the_last_one(office: Office) -> None:
    """By the database's clock, moved on by each."""
    for _ in range(2):
        before = await now(office)
        await office.write(lead("lead-1", "gone"))
        ((_, seen),) = (await unmatched(office)).values()
        assert before <= seen <= await now(office)


async def test_two_workers_count_together(office: Office, database_url: str) -> None:
    """Each in rows of its own slot, so that none waits for another; reports see the sum."""
    async with Office.open(database_url, partition=7) as other:
        await office.write(lead("lead-1", "gone"))
        await other.write(lead("lead-2", "gone"))
    assert [times for times, _ in (await unmatched(office)).values()] == [2]
    assert await office.rows("select times from salesplan.unmatched") == [(1,), (1,)]


async def test_nothing_is_announced_of_it(office: Office) -> None:
    """No match is no message."""
    written = await office.write(lead("lead-1", "gone"))
    assert (written.outcomes, written.sequence, list(written.messages)) == ({"no_match": 1}, None, [])

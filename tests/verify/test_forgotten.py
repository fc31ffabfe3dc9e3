"""Rows that were pruned or erased on purpose are not reported as lost. Rows that are lost beside them are."""

from datetime import UTC, datetime

import pytest

from tests.support.make import contact
from tests.support.shop import Shop, lead, order
from tests.verify.clone import reported
from worker import offsets
from worker.leads import retention
from worker.leads.erase import LeadCounts, erase
from worker.leads.retention import CONTACT, UNMATCHED, Table
from worker.rules.decide import Outcome
from worker.verify import Report, verify

FAR = datetime(2100, 1, 1, tzinfo=UTC)


async def forget(shop: Shop, lead_id: str, account_id: str = "acme") -> LeadCounts:
    return await erase(shop.connection, account_id, lead_id, "test")


async def prune(shop: Shop, table: Table) -> int:
    return sum([gone async for gone in retention.prune(shop.connection, table, FAR)])


async def check(shop: Shop) -> Report:
    return await verify(shop.settings)


@pytest.fixture
async def published(shop: Shop) -> Shop:
    await shop.publish()
    return shop


async def test_a_lead_that_was_erased_is_not_missed(published: Shop) -> None:
    """Assigned in two plans and contacted, waiting, and never known to any plan: the topics still hold all of it."""
    await published.write(contact("stranger", "anna"))
    for lead_id, known in {"l3": (2, 0, 1), "w3": (0, 1, 0), "stranger": (0, 0, 1), "l1": (2, 0, 0)}.items():
        assert await forget(published, lead_id) == LeadCounts(*known, pending=False)
    report = await check(published)
    assert report.violations == ()
    assert (report.assignments, report.published, report.max_spread) == (21, 21, 0)
    [note] = report.notes
    assert note.startswith("1 accounts have leads that were erased")
    assert note.endswith("acme (4)")


async def test_what_is_lost_beside_it_is_reported(published: Shop) -> None:
    """One lead was erased, and two are missing. In another account none was, and none may be."""
    await forget(published, "l3")
    lost = "delete from salesplan.{} where lead_id = '{}'"
    await published.connection.execute(lost.format("waiting_lead", "w3"))
    report = await check(published)
    assert reported(report) == {"waiting", "lead_missing"}
    [missing] = [found for found in report.violations if "not in the plan" in found.message]
    assert any("lead w3 is not in acme/night (2 leads are missing, 1 were erased)" in one for one in missing.examples)


async def test_of_another_account_none_may_be_missing(published: Shop) -> None:
    """Accounts never mix."""
    await forget(published, "l3")
    await published.connection.execute("update salesplan.assignment set lead_id = 'other' where manager_id = 'zoe'")
    assert reported(await check(published)) == {"lead_missing", "lead_sources", "disagreeing"}


async def test_an_erasure_of_long_ago_excuses_nothing(published: Shop) -> None:
    """Every record that is retained is younger than it."""
    await forget(published, "w3")
    await published.connection.execute("update salesplan.erasure set erased_at = erased_at - interval '3 days'")
    assert reported(await check(published)) == {"lead_missing"}


async def test_an_erasure_of_contacts_alone_excuses_no_lead(published: Shop) -> None:
    """It took no lead out of a plan."""
    await forget(published, "w3")
    await published.connection.execute("update salesplan.erasure set assignments = 0, waiting = 0")
    assert reported(await check(published)) == {"lead_missing"}


async def test_what_is_left_of_it_is_still_compared(published: Shop) -> None:
    """Its number, manager and reason, with the message and with the rules."""
    await forget(published, "l3")
    await published.connection.execute(
        "update salesplan.assignment set reason = 'even' where reason <> 'even' and lead_id like 'erased-%'"
    )
    assert reported(await check(published)) == {"disagreeing", "decisions"}


async def test_a_lead_that_comes_back_is_another_one(published: Shop) -> None:
    """New events bring it in anew."""
    await forget(published, "l3")
    written = await published.write(lead("l3"), order("l3"), lead("l3"))
    assert written.outcomes == {"assigned": 2, "already_assigned": 1}
    await published.publish()
    report = await check(published)
    assert (report.violations, report.assignments, report.published) == ((), 23, 23)


async def test_events_that_are_read_again_bring_it_back(published: Shop) -> None:
    """After `offsets reset`: its old records are those of a new lead, which the old ones do not contradict."""
    await forget(published, "l3")
    view = await offsets.read_state(published.settings, published.connection)
    inputs = list(published.settings.topics.inputs)
    moves = await offsets.plan_reset(published.settings, view, offsets.End.EARLIEST, inputs)
    await offsets.reset(published.settings, published.connection, view, moves, to=offsets.End.EARLIEST, by="test")
    written = await published.read_on()
    assert written.outcomes[Outcome.ASSIGNED] == 2
    await published.publish()
    report = await check(published)
    assert report.violations == ()
    assert report.assignments == 23


@pytest.mark.parametrize("table", [UNMATCHED, CONTACT], ids=["unmatched", "contact"])
async def test_what_was_pruned_is_not_missed(published: Shop, table: Table) -> None:
    """And a note says so; what comes later is checked as ever."""
    assert await prune(published, table) == 1
    report = await check(published)
    assert report.violations == ()
    assert report.notes == (
        f"1 tables were pruned, and what was older is not missed: {table.name} before {FAR:%Y-%m-%d %H:%M:%S}+00",
    )


async def test_what_is_lost_beside_what_was_pruned_is_reported(published: Shop) -> None:
    """Counters by their sum, contacts by their time."""
    await published.write(lead("n2", "elsewhere"), contact("l4", "gita"))
    await published.connection.execute(
        "update salesplan.unmatched set last_seen_at = last_seen_at - interval '2 days' where ref = 'nowhere'"
    )
    before = await retention.cutoff(published.connection, 1)
    assert sum([gone async for gone in retention.prune(published.connection, UNMATCHED, before)]) == 1
    await published.connection.execute(
        "update salesplan.pruned set before = '2026-11-23 11:59Z', entries = 1 where what = 'contact'"
    )
    await published.connection.execute("delete from salesplan.unmatched where ref = 'elsewhere'")
    await published.connection.execute("delete from salesplan.contact where lead_id = 'l4'")
    assert reported(await check(published)) == {"unmatched", "contacts"}

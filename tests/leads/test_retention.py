"""Pruning deletes these rows and keeps those, and nobody waits for it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.make import NOON, contact, lead, order, plan, poison
from tests.support.office import Office
from worker import postgres
from worker.leads import retention
from worker.leads.retention import CONTACT, UNMATCHED, Table, retention_days
from worker.rules.event import Event
from worker.settings import Retention

FAR = datetime(2100, 1, 1, tzinfo=UTC)  # before which everything is
REFS = "select ref from salesplan.unmatched order by ref"
LEADS = "select lead_id from salesplan.contact order by lead_id, manager_id"
NOTED = "select entries, times from salesplan.pruned where what = $1"
AGED = "update salesplan.unmatched set last_seen_at = last_seen_at - interval '2 days' where ref = any ($1)"
LOCKS = """
    select distinct relation::regclass::text, mode from pg_locks
    where pid = $1 and locktype = 'relation' and relation::regclass::text like 'salesplan.%'
"""
PROBE = {**postgres.BATCH_SETTINGS, "lock_timeout": "1ms", "deadlock_timeout": "1s"}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the tests take many."""
    monkeypatch.setattr(retention, "STEP", 3)
    monkeypatch.setattr(retention, "PAUSE", 0)


async def prune(office: Office, table: Table, before: datetime) -> list[int]:
    return [gone async for gone in retention.prune(office.connection, table, before)]


async def yesterday(office: Office) -> datetime:
    return await retention.cutoff(office.connection, 1)


async def test_what_fell_through_long_ago_goes_and_its_sum_stays(office: Office) -> None:
    """Step by step, to the end of the table; whatever was seen since is left."""
    await office.write(*(lead(f"lead-{n}", f"gone-{n % 8}") for n in range(20)))
    old = [f"gone-{n}" for n in (0, 3, 4, 7)]
    await office.connection.execute(AGED, old)
    before = await yesterday(office)
    assert await retention.count(office.connection, UNMATCHED, before) == 4
    assert await prune(office, UNMATCHED, before) == [1, 2, 1]
    assert await office.rows(REFS) == [("gone-1",), ("gone-2",), ("gone-5",), ("gone-6",)]
    assert await office.rows(NOTED, "unmatched") == [(4, 3 + 3 + 2 + 2)]
    assert await prune(office, UNMATCHED, before) == [0, 0]
    assert await office.rows(NOTED, "unmatched") == [(4, 10)]


async def test_one_that_falls_through_again_counts_from_one(office: Office) -> None:
    """The event counts as a new one."""
    await office.write(lead("lead-1", "gone"), lead("lead-2", "gone"))
    await prune(office, UNMATCHED, FAR)
    await office.write(lead("lead-3", "gone"))
    assert await office.rows("select ref, times from salesplan_api.unmatched") == [("gone", 1)]


async def test_contacts_go_by_the_time_at_which_they_were(office: Office) -> None:
    """Each manager's own; and how far back they were pruned never goes back."""
    for minute in range(7):
        await office.write(contact("lead", f"manager-{minute}", minute))
    before = NOON + timedelta(minutes=5)
    assert await retention.count(office.connection, CONTACT, before) == 5
    assert sum(await prune(office, CONTACT, before)) == 5
    assert await office.rows("select manager_id from salesplan.contact order by 1") == [("manager-5",), ("manager-6",)]
    await office.write(contact("lead", "manager-0"))
    await prune(office, CONTACT, NOON + timedelta(minutes=1))
    assert await office.rows("select before, entries from salesplan.pruned where what = 'contact'") == [(before, 6)]


async def test_all_else_is_never_pruned(office: Office) -> None:
    """Least of all the ledger: its lead would be assigned again."""
    await office.edit(plan("alpha", "anna"), plan("closed"))
    await office.write(
        lead("lead-1", "alpha"), lead("lead-1", "closed"), contact("lead-1", "anna"), order("lead-1", "gone"), poison()
    )
    before = await office.everything()
    for table in (UNMATCHED, CONTACT):
        await prune(office, table, FAR)
    after = await office.everything()
    assert {name for name in before if after[name] != before[name]} == {"unmatched", "contact"}


def test_what_is_kept_for_ever_is_not_looked_at() -> None:
    """By default the contacts: without them linked plans would decide otherwise."""
    assert retention_days(Retention()) == {UNMATCHED: 400}
    assert retention_days(Retention(unmatched_days=0, contact_days=30)) == {CONTACT: 30}
    assert retention_days(Retention(unmatched_days=0)) == {}


@pytest.mark.parametrize("table", [UNMATCHED, CONTACT], ids=["unmatched", "contact"])
async def test_pruning_waits_for_no_batch(office: Office, database_url: str, table: Table) -> None:
    """A row that a batch holds is left for the next time: with a lock timeout of a millisecond nothing fails."""
    await office.write(
        *(lead(f"lead-{n}", f"gone-{n}") for n in range(5)), *(contact(f"{n}", "anna") for n in range(5))
    )
    async with (
        postgres.connected(database_url, application_name="batch") as batch,
        postgres.connected(database_url, application_name="pruner", settings=PROBE) as pruner,
    ):
        key = "ref = 'gone-2'" if table is UNMATCHED else "lead_id = '2'"
        held = f"select from salesplan.{table.name} where {key} for update"
        async with batch.transaction():
            assert await batch.execute(held) == "SELECT 1"
            assert sum([gone async for gone in retention.prune(pruner, table, FAR)]) == 4
        assert sum([gone async for gone in retention.prune(pruner, table, FAR)]) == 1


@pytest.mark.parametrize("table", [UNMATCHED, CONTACT], ids=["unmatched", "contact"])
async def test_no_batch_waits_for_pruning(office: Office, database_url: str, table: Table) -> None:
    """While a step is held open, a batch that writes every table of the hot path never waits a millisecond for a lock.

    It locks at most as many rows as a step has, and no table beside its own and the note of what went.
    """
    await office.edit(plan("alpha", "anna"), plan("closed"))
    await office.write(
        *(lead(f"lead-{n}", f"gone-{n}") for n in range(6)), *(contact(f"{n}", "anna") for n in range(6))
    )
    async with (
        postgres.connected(database_url, application_name="pruner") as pruner,
        Office.open(database_url, partition=7, settings=PROBE) as prober,
    ):
        await prober.refresh()
        events: list[Event] = [
            lead("new", "alpha"),
            lead("new", "closed"),
            lead("new", "new"),
            contact("new", "anna"),
            poison(),
        ]
        batch = await prober.batch(*events, lead("5", "gone-5"), contact("5", "anna"))
        async with pruner.transaction():
            row = await pruner.fetchrow(table.step, FAR, *table.first, retention.STEP)
            assert row is not None
            assert row["gone"] == 3
            locked = await pruner.fetch(LOCKS, pruner.get_server_pid())
            assert {relation.removesuffix("_pkey") for relation, mode in locked if mode != "AccessShareLock"} <= {
                f"salesplan.{table.name}",
                "salesplan.pruned",
            }
            assert {mode for _, mode in locked} <= {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
            written = await prober.put(batch)
        assert written.outcomes == {
            "assigned": 1, "waiting": 1, "no_match": 2, "contact_recorded": 2, "dead_lettered": 1
        }  # fmt: skip


async def test_nothing_is_lost_or_counted_twice_while_workers_write_and_others_prune(
    office: Office, database_url: str
) -> None:
    """Two that prune everything again and again, and two that count in the very rows that go."""
    done = asyncio.Event()

    async def work(writer: Office) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for turn in range(25):
            events = [lead(f"lead-{n}", f"gone-{n}") for n in range(turn % 5, 12)]
            outcomes += (await writer.write(*events, *(contact(f"lead-{n}", "anna") for n in range(6)))).outcomes
        return outcomes

    async def clear(pruner: Office) -> int:
        rounds = 0
        while not done.is_set():
            rounds += bool(sum(await prune(pruner, UNMATCHED, FAR)))
            await prune(pruner, CONTACT, FAR)
        return rounds

    async with (
        Office.open(database_url, partition=7) as second,
        Office.open(database_url, partition=8) as third,
        Office.open(database_url, partition=9) as fourth,
    ):
        pruning = [asyncio.create_task(clear(each)) for each in (third, fourth)]
        await second.refresh()
        counted = sum(await asyncio.gather(work(office), work(second)), Counter[str]())
        done.set()
        rounds = await asyncio.gather(*pruning)
    [(entries, pruned)] = await office.rows(NOTED, "unmatched")
    [(left,)] = await office.rows("select coalesce(sum(times), 0)::bigint from salesplan.unmatched")
    assert pruned + left == counted["no_match"] == 2 * 5 * (12 + 11 + 10 + 9 + 8)
    assert sum(rounds) > 5
    assert 0 < entries <= pruned

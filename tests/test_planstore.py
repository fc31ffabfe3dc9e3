"""Edits of plans on a real Postgres: all or nothing, none lost, one LGT in one plan, every version kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal

import asyncpg
import pytest

from worker import planstore, postgres
from worker.plan import Label, PlanBook, Trigger
from worker.planbook import load_changes
from worker.planchange import Change, PlanRefusedError, warnings
from worker.planfile import PlanFile, PlanFileError, parse
from worker.postgres import Connection


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[Connection]]:
    """Three editors' connections."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                postgres.connected(database_url, application_name=f"editor-{n}", settings=postgres.BATCH_LIMITS)
            )
            for n in range(3)
        ]


@pytest.fixture
def connection(connections: list[Connection]) -> Connection:
    return connections[0]


def file(account: str = "acme", **plans: str) -> PlanFile:
    """Plans by id, each with its further fields as YAML in one line."""
    lines = [f"account: {account}", "plans:"]
    for plan_id, fields in plans.items():
        defaults = {"name": "N", "conversion_percent": "10", "average_sale": "1", "managers": "[anna, boris]"}
        given = "".join(f"{name}: {value}, " for name, value in defaults.items() if f"{name}:" not in fields)
        lines.append(f"  - {{id: {plan_id.replace('_', '-')}, {given}{fields}}}")
    return parse("\n".join(lines))


async def apply(connection: Connection, plans: PlanFile, by: str = "olga") -> list[Change]:
    return await planstore.apply(connection, plans, changed_by=by, execute=True)


async def lgts(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch(
        "select l.lgt_id, p.plan_id from salesplan.plan_lgt l join salesplan.plan p using (plan_no) order by 1"
    )
    return {row["lgt_id"]: row["plan_id"] for row in rows}


async def revision(connection: Connection) -> int:
    found: int = await connection.fetchval("select revision from salesplan.plan_book")
    return found


async def versions(connection: Connection, plan_id: str) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select v.* from salesplan.plan_version v join salesplan.plan p using (plan_no) where p.plan_id = $1 "
        "order by v.version",
        plan_id,
    )


async def is_blocked(connection: Connection, by: Connection) -> None:
    """Waits until the second connection's statement waits for a lock."""
    pid = by.get_server_pid()
    for _ in range(500):
        if await connection.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_plans_are_stored_as_the_file_says(connection: Connection) -> None:
    plans = file(
        june='name: June, average_sale: 149.10, conversion_percent: 12.5, label: {text: W, color: "#2563EB"}, '
        "managers: [anna, {id: boris, paused: true}], lgts: [l2, l1], offers: {ordered: [o1], paid: [o2]}, mode: linked"
    )
    await apply(connection, plans)
    (stored,) = await planstore.read(connection, "acme")
    assert stored.spec.model_dump() == plans.plans[0].model_dump()
    assert stored.spec.average_sale == Decimal("149.10")
    assert (stored.version, stored.archived, stored.roster) == (1, False, ("anna", "boris"))
    assert await lgts(connection) == {"l1": "june", "l2": "june"}


async def test_a_dry_run_tells_the_same_and_writes_nothing(connection: Connection) -> None:
    plans = file(june="lgts: [l1]")
    dry = await planstore.apply(connection, plans, changed_by="olga", execute=False)
    assert await planstore.read(connection) == []
    assert await revision(connection) == 0
    assert [(c.kind, c.version, c.differences()) for c in dry] == [
        (c.kind, c.version, c.differences()) for c in await apply(connection, plans)
    ]


async def test_every_version_is_kept_with_who_made_it_and_when(connection: Connection) -> None:
    await apply(connection, file(june="name: One"), by="olga")
    await apply(connection, file(june="name: Two"), by="petr")
    one, two = await versions(connection, "june")
    assert [(row["version"], row["name"], row["changed_by"]) for row in (one, two)] == [
        (1, "One", "olga"),
        (2, "Two", "petr"),
    ]
    assert one["changed_at"] <= two["changed_at"]


async def test_an_equal_plan_gets_no_version_and_no_change_no_revision(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1, l2], offers: {paid: [a, b]}", july="lgts: [l3]"))
    changes = await apply(connection, file(june="lgts: [l2, l1], offers: {paid: [b, a]}", july="lgts: [l3]"))
    assert [change.kind for change in changes] == ["unchanged", "unchanged"]
    assert await revision(connection) == 1
    await apply(connection, file(june="lgts: [l1, l2], offers: {paid: [a, b]}", july="lgts: [l4]"))
    assert (len(await versions(connection, "june")), len(await versions(connection, "july"))) == (1, 2)
    assert await revision(connection) == 2


async def test_names_that_only_look_alike_when_listed_are_a_change(connection: Connection) -> None:
    await apply(connection, file(june='managers: ["a, b"]'))
    (change,) = await apply(connection, file(june="managers: [a, b]"))
    assert change.kind == "changed"


async def test_plans_that_a_file_does_not_name_stay(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    await apply(connection, file(july="lgts: [l2]"))
    assert await lgts(connection) == {"l1": "june", "l2": "july"}


async def test_accounts_never_mix(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    await apply(connection, file("other", june="lgts: [l1]"))
    assert [plan.account_id for plan in await planstore.read(connection)] == ["acme", "other"]
    with pytest.raises(PlanRefusedError, match="no plan 'june'"):
        await planstore.archive(connection, "third", "june", changed_by="x", execute=True)


async def test_an_lgt_of_another_plan_is_an_error_that_names_it(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    for execute in (False, True):
        with pytest.raises(PlanFileError) as caught:
            await planstore.apply(
                connection, file(may="lgts: [l9]", july="lgts: [l2, l1]"), changed_by="x", execute=execute
            )
        assert caught.value.faults == ("plans[1].lgts: 'l1' is in plan 'june'; an LGT is in one plan only",)
    assert len(await planstore.read(connection)) == 1  # all or nothing


async def test_one_lgt_in_one_plan_is_a_constraint_of_the_database(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]", july="lgts: [l2]"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("update salesplan.plan_lgt set lgt_id = 'l1' where lgt_id = 'l2'")


async def test_of_two_editors_racing_for_an_lgt_one_gets_it_and_one_is_told_who(
    connections: list[Connection],
) -> None:
    results = await asyncio.gather(
        apply(connections[0], file(june="lgts: [l1]")),
        apply(connections[1], file(july="lgts: [l1]")),
        return_exceptions=True,
    )
    (refused,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(refused, PlanFileError)
    (plan,) = await planstore.read(connections[0])
    assert f"'l1' is in plan '{plan.spec.id}'" in str(refused)


async def test_a_writer_who_takes_no_lock_is_stopped_by_the_constraint_with_the_same_words(
    connections: list[Connection],
) -> None:
    await apply(connections[0], file(june="", july=""))
    by_hand = connections[1].transaction()
    await by_hand.start()
    await connections[1].execute(
        "insert into salesplan.plan_lgt select account_id, 'l1', plan_no from salesplan.plan where plan_id = 'june'"
    )
    editing = asyncio.create_task(apply(connections[0], file(july="lgts: [l0, l1]")))
    await is_blocked(connections[2], connections[0])
    await by_hand.commit()
    with pytest.raises(PlanRefusedError, match="LGT 'l1' is in plan 'june'; an LGT is in one plan only"):
        await editing
    assert await lgts(connections[0]) == {"l1": "june"}
    assert await revision(connections[0]) == 1


async def test_a_file_can_swap_lgts_between_plans(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1, l2]", july="lgts: [l3]"))
    await apply(connection, file(june="lgts: [l3]", july="lgts: [l2, l1]"))
    assert await lgts(connection) == {"l1": "july", "l2": "july", "l3": "june"}


async def test_archive_frees_the_lgts_and_keeps_the_history(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    change = await planstore.archive(connection, "acme", "june", changed_by="petr", execute=True)
    assert (change.kind, change.version) == ("archived", 2)
    await apply(connection, file(july="lgts: [l1]"))
    assert await lgts(connection) == {"l1": "july"}
    last = (await versions(connection, "june"))[-1]
    assert (last["archived"], last["changed_by"], last["lgts"]) == (True, "petr", ["l1"])


async def test_archiving_a_plan_in_which_leads_wait_is_warned_of(connection: Connection) -> None:
    await apply(connection, file(june="managers: []"))
    await connection.execute("update salesplan.plan_counter set waiting = 3")
    change = await planstore.archive(connection, "acme", "june", changed_by="x", execute=False)
    assert warnings([change], {}) == ["plan 'june': 3 leads go on waiting in it"]


async def test_an_archived_plan_stays_archived(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    await planstore.archive(connection, "acme", "june", changed_by="x", execute=True)
    again = await planstore.archive(connection, "acme", "june", changed_by="x", execute=True)
    assert again.kind == "unchanged"
    with pytest.raises(PlanFileError, match=r"plans\[0\].id: 'june' is archived and stays so"):
        await apply(connection, file(june="lgts: [l1]"))
    with pytest.raises(PlanRefusedError, match="is archived"):
        await planstore.set_paused(connection, "acme", "june", "anna", paused=True, changed_by="x", execute=True)
    assert await revision(connection) == 2


async def test_the_roster_only_grows_and_the_counters_with_it(connection: Connection) -> None:
    await apply(connection, file(june="managers: [anna, boris]"))
    await connection.execute("update salesplan.plan_counter set last_seq = 9, assigned = '{5,4}', last_seqs = '{9,8}'")
    await apply(connection, file(june="managers: [carl, boris]"))
    await apply(connection, file(june="managers: [dora, carl, anna]"))
    (stored,) = await planstore.read(connection)
    assert stored.roster == ("anna", "boris", "carl", "dora")
    counter = await connection.fetchrow("select assigned, last_seqs from salesplan.plan_counter")
    assert counter is not None
    assert (counter["assigned"], counter["last_seqs"]) == ([5, 4, 0, 0], [9, 8, 0, 0])


async def test_an_edit_waits_for_the_batch_that_decides_by_the_plan(connections: list[Connection]) -> None:
    await apply(connections[0], file(june="managers: [anna]"))
    batch = connections[1].transaction()
    await batch.start()
    await connections[1].execute("select from salesplan.plan_counter for update")
    editing = asyncio.create_task(apply(connections[0], file(june="managers: [anna, boris]")))
    await is_blocked(connections[2], connections[0])
    decided_at = await connections[1].fetchval("select clock_timestamp()")
    await connections[1].execute("update salesplan.plan_counter set assigned = '{1}', last_seqs = '{1}', last_seq = 1")
    await batch.commit()
    await editing
    (stored,) = await planstore.read(connections[0])
    assert stored.assigned == {"anna": 1, "boris": 0}
    assert stored.changed_at >= decided_at.replace(microsecond=decided_at.microsecond // 1000 * 1000)


async def test_no_edit_is_lost_between_editors_at_the_same_time(connections: list[Connection]) -> None:
    managers = [f"m{n}" for n in range(30)]
    await apply(connections[0], file(june=f"managers: [{', '.join(managers)}]"))

    async def pause(connection: Connection, mine: list[str]) -> None:
        for manager in mine:
            await planstore.set_paused(
                connection, "acme", "june", manager, paused=True, changed_by=manager, execute=True
            )

    await asyncio.gather(*(pause(connection, managers[n::3]) for n, connection in enumerate(connections)))
    (stored,) = await planstore.read(connections[0])
    assert all(manager.paused for manager in stored.spec.managers)
    kept = await versions(connections[0], "june")
    assert [row["version"] for row in kept] == list(range(1, 32))
    assert {row["changed_by"] for row in kept[1:]} == set(managers)
    assert await revision(connections[0]) == 31


async def test_editors_of_different_accounts_and_batches_never_deadlock(connections: list[Connection]) -> None:
    async def edit(connection: Connection, account: str) -> None:
        for n in range(20):
            await apply(connection, file(account, a=f"name: N{n}, lgts: [l{n % 2}]", b=f"name: M{n}, lgts: [l{2 + n}]"))

    async def batches() -> None:
        for _ in range(40):
            async with connections[2].transaction():
                await connections[2].execute("select from salesplan.plan_counter order by plan_no for update")
                await connections[2].fetchval("select revision from salesplan.plan_book")

    await asyncio.gather(edit(connections[0], "acme"), edit(connections[1], "other"), batches())
    assert await revision(connections[0]) == 40


async def test_listeners_hear_the_revision_only_of_what_was_committed(connections: list[Connection]) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = connections[1]
    assert isinstance(listener, asyncpg.Connection)
    await listener.add_listener("salesplan_plans", lambda *told: heard.put_nowait(str(told[-1])))
    await apply(connections[0], file(june=""))
    await apply(connections[0], file(june=""))
    await apply(connections[0], file(june="name: Other"))
    async with asyncio.timeout(10):
        assert [await heard.get(), await heard.get()] == ["1", "2"]


async def test_a_worker_loads_the_whole_book_and_then_what_changed(connection: Connection) -> None:
    await apply(connection, file(june='lgts: [l1], label: {text: W, color: "#2563eb"}', july="offers: {paid: [o1]}"))
    first = await load_changes(connection, PlanBook.empty())
    assert {plan.plan_id for plan in first.plans.values()} == {"june", "july"}
    assert await load_changes(connection, first) is first

    await apply(connection, file(july="managers: [carl, {id: anna, paused: true}, boris], offers: {ordered: [o1]}"))
    await planstore.archive(connection, "acme", "june", changed_by="x", execute=True)
    second = await load_changes(connection, first)
    (july,) = second.plans.values()
    assert second.revision == 3
    assert (july.version, july.roster, july.active) == (2, ("anna", "boris", "carl"), (2, 1))
    assert second.by_ref.keys() == {("acme", Trigger.ORDER, "o1")}
    assert first.by_ref.keys() == {("acme", Trigger.SUBSCRIPTION, "l1"), ("acme", Trigger.PAID, "o1")}
    (june,) = first.by_ref["acme", Trigger.SUBSCRIPTION, "l1"]
    assert june.label == Label("W", "#2563eb")
    assert (await load_changes(connection, PlanBook.empty())).plans == second.plans


async def test_a_book_older_than_the_one_held_is_loaded_whole(connection: Connection) -> None:
    """As after a restore of the database."""
    await apply(connection, file(june=""))
    book = await load_changes(connection, PlanBook.empty())
    await connection.execute("update salesplan.plan_book set revision = 0; update salesplan.plan set book_revision = 0")
    await connection.execute("update salesplan.plan set book_revision = 1; update salesplan.plan_book set revision = 1")
    ahead = PlanBook(7, {99: next(iter(book.plans.values()))}, {})
    assert (await load_changes(connection, ahead)).plans == book.plans


async def test_ten_thousand_plans_of_fifty_managers_load_in_seconds(connection: Connection) -> None:
    managers = "[" + ", ".join(f"m{n}" for n in range(50)) + "]"
    for part in range(10):
        plans = {f"p{part}-{n}": f"managers: {managers}, lgts: [l{part}-{n}]" for n in range(10)}
        await apply(connection, file(**plans))
    await connection.execute(
        """
        with added as (
            insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
            select 'a' || n, plan_id, version, archived, roster, 11 from salesplan.plan, generate_series(1, 99) n
            returning plan_no
        ) insert into salesplan.plan_version
        select a.plan_no, v.version, name, conversion_percent, average_sale, label_text, label_color, mode, managers,
               active, lgts, ordered, payment_failed, paid, archived, changed_by, changed_at
        from added a, salesplan.plan_version v where v.plan_no = (select min(plan_no) from salesplan.plan)
        """
    )
    await connection.execute("update salesplan.plan_book set revision = 11")
    begun = time.monotonic()
    book = await load_changes(connection, PlanBook.empty())
    assert len(book.plans) == 10_000
    assert time.monotonic() - begun < 5


async def test_a_newcomer_to_a_running_plan_and_a_shared_offer_are_warned_of(connection: Connection) -> None:
    await apply(connection, file(june="managers: [anna], offers: {paid: [o]}"))
    await connection.execute("update salesplan.plan_counter set last_seq = 7, assigned = '{7}', last_seqs = '{7}'")
    stored = {plan.spec.id: plan for plan in await planstore.read(connection, "acme")}
    plans = file(june="managers: [anna, boris], offers: {paid: [o]}", july="offers: {ordered: [o]}")
    changes = await planstore.apply(connection, plans, changed_by="x", execute=False)
    assert warnings(changes, stored) == [
        "plan 'june': 'boris' joins a running plan with 0 leads: "
        "he gets every new lead until he has as many as the others",
        "offer 'o' is in several plans (july, june): its leads enter each of them",
    ]


@pytest.mark.parametrize(("paused", "kind"), [(True, "changed"), (False, "unchanged")])
async def test_one_manager_is_paused_and_let_back(connection: Connection, paused: bool, kind: str) -> None:
    await apply(connection, file(june=""))
    change = await planstore.set_paused(
        connection, "acme", "june", "boris", paused=paused, changed_by="x", execute=True
    )
    assert change.kind == kind
    (stored,) = await planstore.read(connection)
    assert [(manager.id, manager.paused) for manager in stored.spec.managers] == [("anna", False), ("boris", paused)]


async def test_a_name_that_is_not_there_is_refused_with_the_nearest(connection: Connection) -> None:
    await apply(connection, file(june=""))
    with pytest.raises(PlanRefusedError, match="'bors' is not in plan 'june'; did you mean 'boris'"):
        await planstore.set_paused(connection, "acme", "june", "bors", paused=True, changed_by="x", execute=True)
    with pytest.raises(PlanRefusedError, match="no plan 'jun'; did you mean 'june'"):
        await planstore.archive(connection, "acme", "jun", changed_by="x", execute=True)

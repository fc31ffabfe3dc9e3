"""Workers load the whole book of plans, and then the changes."""

from collections.abc import AsyncIterator

import pytest

from tests.plans.edits import apply, file
from worker import postgres
from worker.plans import store as planstore
from worker.plans.snapshot import load_changes
from worker.postgres import Connection
from worker.rules.event import Trigger
from worker.rules.ids import PlanNo
from worker.rules.plan import Label, PlanBook


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    async with postgres.connected(database_url, application_name="worker", settings=postgres.BATCH_SETTINGS) as opened:
        yield opened


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
    """The database was restored from a copy."""
    await apply(connection, file(june=""))
    book = await load_changes(connection, PlanBook.empty())
    await connection.execute("update salesplan.plan_book set revision = 0; update salesplan.plan set book_revision = 0")
    await connection.execute("update salesplan.plan set book_revision = 1; update salesplan.plan_book set revision = 1")
    ahead = PlanBook(7, {PlanNo(99): next(iter(book.plans.values()))}, {})
    assert (await load_changes(connection, ahead)).plans == book.plans


async def test_ten_thousand_plans_of_fifty_managers_load(connection: Connection) -> None:
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
    book = await load_changes(connection, PlanBook.empty())
    assert len(book.plans) == 10_000

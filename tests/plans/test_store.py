"""Edits of plans on a real Postgres: all or nothing, none lost, one LGT in one plan, every version kept."""

from collections.abc import AsyncIterator
from decimal import Decimal

import asyncpg
import pytest

from tests.plans.edits import apply, file, lgts, revision, versions
from worker import postgres
from worker.plans import store as planstore
from worker.plans.change import PlanRefusedError, warnings
from worker.plans.faults import Fault, IdOfArchived, LgtTaken
from worker.plans.file import PlanFileError
from worker.plans.refusals import NoPlan, NotInPlan, PlanArchived
from worker.plans.warnings import GoOnWaiting, JoinsRunning, SharedOffer
from worker.postgres import Connection


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    async with postgres.connected(database_url, application_name="editor", settings=postgres.BATCH_SETTINGS) as opened:
        yield opened


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
    with pytest.raises(PlanRefusedError) as caught:
        await planstore.archive(connection, "third", "june", changed_by="x", execute=True)
    assert caught.value.faults == (NoPlan("june", None),)


async def test_an_lgt_of_another_plan_is_an_error_that_names_it(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    for execute in (False, True):
        with pytest.raises(PlanFileError) as caught:
            await planstore.apply(
                connection, file(may="lgts: [l9]", july="lgts: [l2, l1]"), changed_by="x", execute=execute
            )
        assert caught.value.faults == (Fault("plans[1].lgts", LgtTaken("l1", "june")),)
    assert len(await planstore.read(connection)) == 1  # all or nothing


async def test_one_lgt_in_one_plan_is_a_constraint_of_the_database(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]", july="lgts: [l2]"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("update salesplan.plan_lgt set lgt_id = 'l1' where lgt_id = 'l2'")


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
    assert warnings([change], {}) == [GoOnWaiting("june", 3)]


async def test_an_archived_plan_stays_archived(connection: Connection) -> None:
    await apply(connection, file(june="lgts: [l1]"))
    await planstore.archive(connection, "acme", "june", changed_by="x", execute=True)
    again = await planstore.archive(connection, "acme", "june", changed_by="x", execute=True)
    assert again.kind == "unchanged"
    with pytest.raises(PlanFileError) as caught:
        await apply(connection, file(june="lgts: [l1]"))
    assert caught.value.faults == (Fault("plans[0].id", IdOfArchived("june")),)
    with pytest.raises(PlanRefusedError) as refused:
        await planstore.set_paused(connection, "acme", "june", "anna", paused=True, changed_by="x", execute=True)
    assert refused.value.faults == (PlanArchived("june"),)
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


async def test_a_newcomer_to_a_running_plan_and_a_shared_offer_are_warned_of(connection: Connection) -> None:
    await apply(connection, file(june="managers: [anna], offers: {paid: [o]}"))
    await connection.execute("update salesplan.plan_counter set last_seq = 7, assigned = '{7}', last_seqs = '{7}'")
    stored = {plan.spec.id: plan for plan in await planstore.read(connection, "acme")}
    plans = file(june="managers: [anna, boris], offers: {paid: [o]}", july="offers: {ordered: [o]}")
    changes = await planstore.apply(connection, plans, changed_by="x", execute=False)
    assert warnings(changes, stored) == [
        JoinsRunning("june", "boris", 0),
        SharedOffer("o", ("july", "june")),
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
    with pytest.raises(PlanRefusedError) as of_manager:
        await planstore.set_paused(connection, "acme", "june", "bors", paused=True, changed_by="x", execute=True)
    assert of_manager.value.faults == (NotInPlan("bors", "june", nearest="boris"),)
    with pytest.raises(PlanRefusedError) as of_plan:
        await planstore.archive(connection, "acme", "jun", changed_by="x", execute=True)
    assert of_plan.value.faults == (NoPlan("jun", nearest="june"),)

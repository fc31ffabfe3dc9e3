"""Forecasts on real Postgres: batches then give the leads as forecast, and the pace is that of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.oracle import Rules
from tests.stage.stage import Stage
from tests.stage.upstream import NEWCOMER, subscriptions
from tests.support.make import contact, lead, leads, paused, plan
from tests.support.office import Office, spec
from worker.plans import store
from worker.plans.change import Change, StoredPlan, with_managers
from worker.plans.forecast import CatchesUp, Forecast
from worker.plans.preview import preview, read_paces

WORLDS = 60


async def stored(office: Office) -> dict[str, StoredPlan]:
    return {plan.spec.id: plan for plan in await store.read(office.connection, "acme")}


async def foretold(office: Office, rules: Rules) -> Forecast:
    """The forecast of an edit that is not made yet."""
    change = Change((await stored(office))[rules.plan_id], spec(rules))
    (found,) = await preview(office.connection, [change])
    return found


def team(random: Random) -> list[tuple[str, bool]]:
    """Some of four managers in any order, most of them active; in one of ten cases nobody is."""
    managers = random.sample(["anna", "boris", "clara", "dora"], random.randint(1, 4))
    nobody = random.random() < 0.1
    return [(manager, not nobody and random.random() < 0.7) for manager in managers]


async def test_batches_give_the_next_leads_as_forecast(office: Office) -> None:
    """After any past, also one in which leads wait, and however the leads to come are split into batches."""
    for world in range(WORLDS):
        random = Random(world)
        await office.clear()
        for chapter in range(random.randint(1, 5)):
            await office.edit(plan("alpha", *team(random)))
            await office.wake("alpha")
            await office.write(*leads(*range(100 * chapter, 100 * chapter + random.randint(1, 12))))
        rules = plan("alpha", *team(random))
        found = await foretold(office, rules)
        before = len(await office.given())
        await office.edit(rules)
        await office.wake("alpha")
        first = 1000
        while first <= 1000 + len(found.next_managers):
            await office.write(*leads(*range(first, first := first + random.randint(1, 15))))
        got = (await office.managers("alpha"))[before:]
        assert tuple(got[: len(found.next_managers)]) == found.next_managers, world
        assert bool(got) == bool(rules.active) == bool(found.next_managers), world


async def test_a_linked_plan_does_otherwise_for_leads_that_a_manager_knows(office: Office) -> None:
    """So the forecast says that the plan is linked. It is exact for all other leads."""
    rules = plan("alpha", "anna", "boris", mode="linked")
    await office.edit(rules)
    found = await foretold(office, rules)
    first, second = found.next_managers[:2]
    await office.write(contact("lead-1", second), *leads(1))
    assert found.is_linked
    assert await office.managers("alpha") == [second]
    following = await foretold(office, rules)
    await office.write(*leads(2, 3))
    assert tuple(await office.managers("alpha"))[1:] == following.next_managers[:2]
    assert following.next_managers[0] == first


async def test_a_worker_does_what_was_forecast(stage: Stage) -> None:
    """A newcomer joins a running plan: the forecast, then the edit, then as many leads through Kafka."""
    await stage.start_ready(1)
    await stage.send(subscriptions(1, 60))
    await stage.until_handled()
    async with stage.database() as connection:
        plans = {each.spec.id: each for each in await store.read(connection, "acme")}
        change = with_managers("spring", plans, add=["zara"])
        (found,) = await preview(connection, [change])
    assert found.prospect == CatchesUp(20, found.prospect.lasts if isinstance(found.prospect, CatchesUp) else None)
    assert found.pace.leads == 60
    await stage.apply(NEWCOMER)
    await stage.send(subscriptions(2, len(found.next_managers)))
    observed = await stage.finish()
    given = [row for row in observed.assignments if (row["account_id"], row["plan_id"]) == ("acme", "spring")]
    given.sort(key=lambda row: row["plan_seq"])
    assert tuple(row["manager_id"] for row in given[60:]) == found.next_managers


async def test_the_pace_counts_the_leads_of_seven_days(office: Office) -> None:
    """A lead of a bit less than seven days is counted, a minute more is too old; each plan by itself."""
    await office.edit(plan("alpha", "anna"), plan("beta", "anna"), plan("gamma", "anna"))
    await office.write(*leads(*range(5)), *leads(*range(3), ref="beta"))
    age = "update salesplan.assignment set assigned_at = now() - make_interval(mins => $2) where plan_seq = $1"
    for seq, minutes in ((1, 20_000), (2, 10_081), (3, 10_078), (4, 1)):
        await office.connection.execute(age, seq, minutes)
    paces = await read_paces(office.connection, [each.plan_no for each in (await stored(office)).values()])
    by_plan = {name: paces[each.plan_no].leads for name, each in (await stored(office)).items()}
    assert by_plan == {"alpha": 3, "beta": 1, "gamma": 0}


async def test_the_end_of_a_run_is_a_day_in_the_reader_s_zone(office: Office) -> None:
    await office.edit(plan("alpha", "anna"))
    await office.write(*leads(*range(7)))
    change = with_managers("alpha", await stored(office), add=["olga"])
    for zone in (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Midway")):  # 25 hours apart
        (found,) = await preview(office.connection, [change], zone)
        assert isinstance(found.prospect, CatchesUp)
        assert found.prospect.lasts
        assert abs(found.pace.now - datetime.now(UTC)) < timedelta(minutes=5)
        assert found.prospect.lasts.today == found.pace.now.astimezone(zone).date()
        assert found.prospect.lasts.until == (found.pace.now + timedelta(days=7)).astimezone(zone).date()


async def test_waiting_leads_are_part_of_the_forecast(office: Office) -> None:
    """Two leads wait in a plan of nobody. They come first when olga joins."""
    await office.edit(plan("alpha", paused("anna")))
    await office.write(*leads(1, 2))
    found = await foretold(office, plan("alpha", paused("anna"), "olga"))
    assert (found.waiting, found.next_managers[:3]) == (2, ("olga",) * 3)


async def test_leads_of_a_new_plan_are_not_forecast(office: Office) -> None:
    assert await preview(office.connection, [Change(None, spec(plan("alpha", "anna")))]) == []


async def test_an_archived_plan_gets_none(office: Office) -> None:
    await office.edit(plan("alpha", "anna", paused("boris")))
    before = (await stored(office))["alpha"]
    (found,) = await preview(office.connection, [Change(before, before.spec, archived=True)])
    assert found.next_managers == ()


async def test_a_plan_without_leads_has_no_pace(office: Office) -> None:
    await office.edit(plan("alpha", "anna"))
    await office.write(lead("stray", "nowhere"))
    (alpha,) = (await stored(office)).values()
    assert (await read_paces(office.connection, [alpha.plan_no]))[alpha.plan_no].per_day == 0

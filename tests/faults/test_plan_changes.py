"""Plans change while leads come in."""

from __future__ import annotations

from itertools import islice

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import ACME, ANOTHER, NEWCOMER, event, events, moved

LISTENERS_END = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'salesplan-plans' and datname = current_database()
"""
LEADS = ("subscription", "order", "failed-payment", "paid")


async def test_p17_plans_change_under_load(stage: Stage) -> None:
    """Paused, resumed, a newcomer, an LGT that moves, a new plan: each lead goes by the rules in force just then."""
    await stage.start_ready(2)
    async with stage.load(events(dice(51), 8000, LEADS), per_second=1000):
        await stage.until_handled(1000)
        await stage.set_paused("spring", "boris", paused=True)
        await stage.until_handled(500)
        await stage.set_paused("spring", "boris", paused=False)
        await stage.until_handled(500)
        await stage.apply(NEWCOMER)
        await stage.until_handled(1000)
        await stage.apply(moved(NEWCOMER))
        await stage.apply(ANOTHER)
        for manager in ("emil", "farah", "anna"):
            await stage.set_paused("rescue", manager, paused=True)
        await stage.until_handled(1000)
        await stage.set_paused("rescue", "farah", paused=False)
        await stage.set_paused("night", "rosa", paused=False)
        await stage.until_handled(1000)
    found = await stage.finish()

    shares = {(row["plan_id"], row["manager_id"]): row["assigned_count"] for row in found.shares}
    assert shares["spring", "zara"] > 100
    assert abs(shares["spring", "zara"] - shares["spring", "chen"]) <= 1, "the newcomer has not caught up"
    assert found.waiting == []
    assert {row["plan_id"] for row in found.assignments if row["trigger_ref"] == "unknown"} == {"another"}


async def test_waiting_leads_go_out_with_no_new_event(stage: Stage) -> None:
    """They go out as soon as the plan has an active manager: more than one transaction takes, in order of arrival."""
    random = dice(52)
    stage.start()
    await stage.send(event(random, "subscription", f"l-{n}", lgt_id="bot-1") for n in range(5000))
    await stage.until_handled()
    waiting = [row["lead_id"] for row in (await stage.observe()).waiting]
    assert len(waiting) == 5000
    await stage.set_paused("night", "rosa", paused=False)

    async def drained() -> bool:
        return await stage.assigned() == len(waiting)

    await stage.until("no lead waits", drained)
    found = await stage.finish()
    assert [row["lead_id"] for row in found.assignments] == waiting


async def test_p17_a_change_applies_even_where_nobody_heard_of_it(stage: Stage) -> None:
    """The connection that listens is gone: the next batch still goes by the new rules, new plan and moved LGT."""
    random = dice(53)
    worker = stage.start(SALESPLAN_PLANS__REFRESH_SECONDS="300")
    await stage.until_ready(worker)
    await stage.send(islice(events(random, 1000, LEADS), 300))
    await stage.until_handled()
    before = await stage.assigned()
    await stage.ask(LISTENERS_END)
    await stage.apply(moved(ACME))
    await stage.apply(ANOTHER)
    await stage.set_paused("spring", "anna", paused=True)
    for lgt in ("landing-1", "widget-1", "unknown"):
        await stage.send(event(random, "subscription", f"{lgt}-{n}", lgt_id=lgt) for n in range(100))
    found = await stage.finish()

    later = found.assignments[before:]
    plans = {"landing-1": "spring", "widget-1": "upsell", "unknown": "another"}
    assert [row["plan_id"] for row in later] == [plans[row["trigger_ref"]] for row in later]
    assert len(later) == 300
    assert "anna" not in {row["manager_id"] for row in later}


async def test_p18_a_listener_that_dies_is_back_soon(stage: Stage) -> None:
    """The connection is cut: it connects again, reads the plans anew, and hears of the next change at once."""
    worker = stage.start(SALESPLAN_PLANS__REFRESH_SECONDS="300")
    await stage.until_ready(worker)
    await stage.ask(LISTENERS_END)
    await stage.apply(ANOTHER)  # with nobody listening

    async def loaded(revisions: int) -> bool:
        return len(worker.logged("plans_loaded")) >= revisions

    await stage.until("the plans are read anew", lambda: loaded(2))
    await stage.set_paused("another", "ines", paused=True)
    await stage.until("the change is heard of", lambda: loaded(3))
    await stage.finish()

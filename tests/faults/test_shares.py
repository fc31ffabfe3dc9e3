"""Many workers at few plans: even stays even, and nobody waits in a circle."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import Event, event, events

WORKERS = 4
MANAGERS = [f"m-{number:02}" for number in range(20)]
LEADS = 8000
HOT = """
account: acme
plans:
  - id: hot
    name: Hot
    conversion_percent: 1
    average_sale: "1.00"
    managers: [{managers}]
    lgts: [hot]
    offers: {{ordered: [], payment_failed: [], paid: []}}
"""
GIVEN = """
    select manager_id from salesplan.assignment join salesplan.plan using (plan_no)
    where plan_id = 'hot' order by plan_seq
"""
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
PLAN = "select plan_no from salesplan.plan where account_id = 'acme' and plan_id = $1"
EDITS = 100


def hot(seed: int, first: int) -> Iterator[Event]:
    """Leads for the one plan, each once."""
    random = dice(seed)
    return (event(random, "subscription", f"lead-{n}", lgt_id="hot") for n in range(first, first + LEADS))


async def test_p15_even_stays_even_with_many_workers_at_one_plan(stage: Stage) -> None:
    """Half-way a newcomer comes and another is paused: he catches up, and all others stay within one lead."""
    await stage.apply(HOT.format(managers=", ".join(MANAGERS)))
    await stage.start_ready(WORKERS, SALESPLAN_INTAKE__MAX_BATCH="100")
    await stage.send(hot(71, 0))
    await stage.until_handled()
    shares = Counter(row["manager_id"] for row in await stage.ask(GIVEN))
    assert shares == dict.fromkeys(MANAGERS, LEADS // len(MANAGERS))

    await stage.apply(HOT.format(managers=", ".join([*MANAGERS, "newcomer"])))
    await stage.set_paused("hot", MANAGERS[0], paused=True)
    await stage.send(hot(72, LEADS))
    await stage.finish()

    later = [row["manager_id"] for row in await stage.ask(GIVEN)][LEADS:]
    share = LEADS // len(MANAGERS)
    assert set(later[:share]) == {"newcomer"}, "he has the fewest until he has as many as the others"
    rest = Counter(later[share:])
    assert MANAGERS[0] not in rest
    assert set(rest) == {*MANAGERS[1:], "newcomer"}
    assert max(rest.values()) - min(rest.values()) <= 1


async def test_p16_workers_and_editors_never_wait_in_a_circle(stage: Stage) -> None:
    """Batches that lock several plans each, and edits of the same plans all the while: not one deadlock."""
    random = dice(73)
    before = await stage.number(DEADLOCKS)
    await stage.start_ready(WORKERS, SALESPLAN_INTAKE__MAX_BATCH="40")
    async with stage.load(events(random, 10**6, ("subscription", "order", "failed-payment", "paid")), per_second=1500):
        for edit in range(EDITS):
            plan, manager = random.choice([("spring", "anna"), ("rescue", "emil"), ("upsell", "gita")])
            await stage.set_paused(plan, manager, paused=bool(edit % 2))
            await asyncio.sleep(0)
        await stage.until_handled(3000)
    await stage.finish()
    assert await stage.number(DEADLOCKS) == before


async def test_p16_a_batch_that_a_deadlock_undid_is_tried_again_whole(stage: Stage) -> None:
    """Somebody locks the plans in the other order, as no one should: the batch loses, and comes again."""
    worker = (await stage.start_ready(1))[0]
    first, second = sorted([await stage.number(PLAN, "spring"), await stage.number(PLAN, "upsell")])
    async with stage.database() as somebody, somebody.transaction():
        await somebody.execute("set local deadlock_timeout = '60s'")  # so that it is not he who gives way
        await somebody.execute("select from salesplan.plan_counter where plan_no = $1 for update", second)
        random = dice(74)
        await stage.send(event(random, "order", f"lead-{n}", offer_id="offer-1") for n in range(200))
        await stage.until_blocked()
        await somebody.execute("select from salesplan.plan_counter where plan_no = $1 for update", first)
    await stage.finish()
    # More than once where the batch is back before who waits for it has woken.
    assert {line["sqlstate"] for line in worker.logged("tried_again")} == {"40P01"}

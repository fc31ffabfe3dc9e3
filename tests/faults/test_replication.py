"""A copy by logical replication, and a cut-over to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.faults import subscriber
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

LEADS = 3000
NEW_PLAN = """
account: acme
plans: [{id: autumn, name: Autumn, conversion_percent: 1, average_sale: "1.00", managers: [anna], lgts: [landing-9]}]
"""
PLAN_NUMBERS = "select setval('salesplan.plan_plan_no_seq', (select max(plan_no) from salesplan.plan))"
ARRIVALS = "select setval('salesplan.arrival', greatest("


async def test_p32_workers_go_on_while_everything_is_published_and_then_on_the_copy(
    postgres: Postgres, own_postgres: Callable[[], Postgres], kafka_server: KafkaServer, tmp_path: Path
) -> None:
    """The copy has every row. Workers refuse to draw numbers there again, and say what mends it."""
    await asyncio.to_thread(subscriber.publish_everything, postgres)
    copy = await asyncio.to_thread(own_postgres)
    names = environment(postgres.dsn(), kafka_server.bootstrap_servers)
    async with opened(names, tmp_path) as stage:
        await stage.start_ready(2)
        async with stage.load(events(dice(91), LEADS), per_second=400):
            await stage.until_handled(500)
            await asyncio.to_thread(subscriber.subscribe, copy, postgres)
            for paused in (True, False):
                await stage.set_paused("spring", "anna", paused=paused)
                await stage.until_handled(500)
        await stage.finish()
        await until_copied(stage, copy, postgres)
        assert await asyncio.to_thread(subscriber.rows, copy) == await asyncio.to_thread(subscriber.rows, postgres)
        await asyncio.to_thread(subscriber.end, copy)
        await go_on(stage, {**names, "DATABASE_URL": copy.dsn()}, copy.folder)


async def until_copied(stage: Stage, copy: Postgres, original: Postgres) -> None:
    async def copied() -> bool:
        return await asyncio.to_thread(subscriber.has_all, copy, original)

    await stage.until("the copy has every row", copied)


async def go_on(stage: Stage, names: dict[str, str], folder: Path) -> None:
    """Go on as operations do after a cut-over without the sequences."""
    moved = Stage(names, folder)
    moved.sent = stage.sent
    plans = folder / "plans.yaml"
    plans.write_text(NEW_PLAN, encoding="utf-8")
    try:
        refusing = moved.start()
        assert await refusing.ends() == 78
        await says_what_mends_it(refusing.log.read_text(encoding="utf-8").splitlines()[-1])
        applied = await moved.command("plans", "apply", str(plans), "--execute")
        assert (applied.code, applied.err.count("\n")) == (78, 1), applied.err
        await says_what_mends_it(applied.err)

        assert "set ahead of the numbers that were given" in (await moved.command("migrate")).err
        assert (await moved.command("plans", "apply", str(plans), "--execute")).code == 0
        await moved.start_ready(2)
        async with moved.load(events(dice(92), LEADS), per_second=400):
            await moved.until_handled(1000)
            await moved.set_paused("night", "rosa", paused=False)
            await moved.until_handled(500)
        await moved.finish()
    finally:
        moved.clear()


async def says_what_mends_it(line: str) -> None:
    """One line with both statements in it."""
    assert line.startswith("Postgres: salesplan.plan_plan_no_seq and salesplan.arrival would give numbers a second"), (
        line
    )
    assert PLAN_NUMBERS in line
    assert ARRIVALS in line

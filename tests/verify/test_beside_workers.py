"""An untouched run has nothing to report, also while it runs."""

from __future__ import annotations

import asyncio

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import events
from worker.verify import verify


async def test_nothing_is_reported_while_workers_come_die_and_plans_change(stage: Stage) -> None:
    """The checker runs again and again beside them, each time on more."""
    random = dice(91)
    await stage.start_ready(2)
    seen = []
    async with stage.load(events(random, 3000), per_second=600):
        for number in range(6):
            await stage.until_handled(300)
            checking = asyncio.create_task(verify(stage.settings))
            await stage.set_paused("upsell", "gita", paused=number % 2 == 0)
            await stage.set_paused("night", "rosa", paused=number % 2 != 0)
            if number == 2:
                stage.workers[0].kill()
                stage.start()
            report = await checking
            assert (report.violations, report.notes) == ((), ())
            seen.append(report.events)
    found = await stage.finish()
    assert seen == sorted(set(seen))
    assert len(found.announced) > 500

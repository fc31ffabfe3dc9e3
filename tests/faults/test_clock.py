"""P33: the database's clock jumps back and forth under load, as after failovers to machines whose clocks are wrong."""

from __future__ import annotations

from tests.stage.environment import dice
from tests.stage.group import expel_all
from tests.stage.stage import Stage
from tests.stage.upstream import events
from tests.support.clock import install_clock, set_clock

HOUR = 3600.0
DIES = {"SALESPLAN_FAILPOINT": "after_commit_before_publish", "SALESPLAN_INTAKE__MAX_BATCH": "50"}
TAKEN_OVER_SECONDS = 30.0
JUMPS = (-HOUR, HOUR, 0.0)


async def test_p33_the_databases_clock_goes_back_and_forth(stage: Stage, database_url: str) -> None:
    """Before each jump a worker dies and leaves a batch, and after it plans are changed: all goes on as without."""
    await install_clock(database_url)
    (survivor,) = await stage.start_ready(1)
    async with stage.load(events(dice(33), 6000), per_second=200):
        for number, ahead in enumerate(JUMPS):
            doomed = stage.start(**DIES)
            await stage.until_gone(doomed)
            await set_clock(database_url, ahead)
            await expel_all(stage.settings.kafka.bootstrap_servers, stage.settings.kafka.group_id)
            await stage.set_paused("spring", "anna", paused=number % 2 == 0)

            async def taken_over(times: int = number + 1) -> bool:
                return len(survivor.logged("taken_over")) == times

            await stage.until("what it left is taken over", taken_over, TAKEN_OVER_SECONDS)
            await stage.until_handled(200)
    assert not survivor.logged("session_over")
    await stage.finish()

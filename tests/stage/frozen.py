"""A worker that is frozen in its transaction, and how soon the plans that it has locked go on."""

from __future__ import annotations

import time

from tests.stage.stage import BATCHES, Stage
from tests.stage.workers import WorkerProcess

LOCK_SECONDS = 10  # longest that a frozen worker may hold others up
ALONE = f"select count(*) from pg_stat_activity where {BATCHES}"  # noqa: S608 -- ours


async def start_freezing(stage: Stage, place: str, **more: str) -> WorkerProcess:
    """A worker that freezes at this place of its fifth batch, and another beside it."""
    frozen = stage.start(SALESPLAN_FAILPOINT=f"{place}:5:freeze", **more)
    await stage.until_ready(frozen)
    await stage.start_ready(1, **more)
    return frozen


async def until_its_locks_are_free(stage: Stage) -> None:
    """Others handle records, and the connection of the frozen worker is ended, both within ten seconds."""

    async def alone() -> bool:
        return await stage.number(ALONE) == 1

    began = time.monotonic()
    await stage.until_handled(400)
    await stage.until("its connection is ended", alone)
    assert time.monotonic() - began < LOCK_SECONDS

"""Builds a worker out of its parts, and builds it again when something around it fails.

There is one way to recover from anything unknown, be it a lost answer of Postgres or of Kafka: end the session and
begin another. A new session leases a slot, publishes what is left in it, reads the positions, and goes on.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import structlog

from worker.cluster import diagnose
from worker.cluster.topics.fault import TopicsUnfitError
from worker.concurrency import error_names
from worker.failures import WAITED_OUT, require_waited_out
from worker.intake.poll import Intake
from worker.run import database
from worker.run.health import served
from worker.run.session import Worker, consuming, session
from worker.settings import Settings
from worker.tracing.off import OFF, Tracing

FIRST_PAUSE = 0.2  # seconds between a failed session and the next; doubles up to the longest
LONGEST_PAUSE = 3.0
REFUSED_PAUSE = 15.0  # the longest where a session opens and gets nothing done
STEADY_SECONDS = 60.0  # a session that lasted so long was fine, also where there was nothing to do
STOP_GRACE = 12.0  # and then some seconds for each client: the process is gone within 30 s of SIGTERM

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event, tracing: Tracing = OFF) -> None:
    """Work until ``stop``. Waits out Kafka and Postgres being away.

    Raises PositionsUnfitError, PositionAheadError or PositionForeignError where it would lose or repeat records,
    SequencesBehindError where it would give numbers again, NobodysFaultError where the database refuses what no record
    is to blame for, and PortUnusableError where the probes can't be answered.
    """
    worker = Worker.of(settings, stop, tracing)
    async with served(worker.health, worker.tally.metrics, settings.ops):
        working = asyncio.create_task(_work(worker))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait({working}, timeout=STOP_GRACE)
        if not working.done():
            log.warning("stopped_midway", note="what is committed and not yet published, another worker publishes")
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _work(worker: Worker) -> None:
    health, stop = worker.health, worker.stop
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            async with consuming(worker) as intake:
                while not (stop.is_set() or intake.broken):
                    health.heart.beat()
                    intake.begin_again()
                    over = await _session_to_its_end(worker, intake)
                    pause = _pause_after(worker, pause)
                    health.publisher = False
                    await asyncio.gather(_wait(stop, pause), diagnose.explain(worker.settings, over, worker.reminders))
        except* TopicsUnfitError:
            health.heart.beat()
            await asyncio.gather(_wait(stop, LONGEST_PAUSE), database.look(worker.settings, health))
        except* WAITED_OUT as troubles:
            require_waited_out(troubles)
            health.heart.beat()
            worker.reminders.warning("kafka_out_of_reach", why=error_names(troubles))
            await asyncio.gather(
                _wait(stop, LONGEST_PAUSE),
                diagnose.explain(worker.settings, troubles, worker.reminders),
                database.look(worker.settings, health),
            )
        health.group = False


async def _session_to_its_end(worker: Worker, intake: Intake) -> BaseExceptionGroup[BaseException] | None:
    """Work until told to stop, or until there is trouble, which is returned. Any other error is raised."""
    over: BaseExceptionGroup[BaseException] | None = None
    worker.opened = worker.progressed = False
    began = time.monotonic()
    try:
        await session(worker, intake)
    except* WAITED_OUT as troubles:
        require_waited_out(troubles)
        over = troubles
        worker.tally.session_over(troubles)
        worker.reminders.warning("session_over", why=error_names(troubles))
    worker.progressed |= time.monotonic() - began > STEADY_SECONDS
    return over


def _pause_after(worker: Worker, pause: float) -> float:
    """Seconds until the next session, given the pause before the last: longer while none gets anything done.

    Opening a session is dear to both servers, so one that opens and still gets nothing done waits longest.
    """
    if worker.progressed:
        return FIRST_PAUSE
    return min(pause * 2, REFUSED_PAUSE if worker.opened else LONGEST_PAUSE)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()

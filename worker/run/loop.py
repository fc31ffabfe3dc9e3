"""Builds a worker from its parts, and builds it again when something around it fails.

Every unknown state, such as a lost answer of Postgres or Kafka, has one remedy: the worker ends the session and begins
another. A new session leases a slot, publishes the rest of its rows, reads the positions, and goes on.
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
from worker.run.health import serve_probes
from worker.run.session import Worker, consuming, session
from worker.settings import Settings
from worker.tracing.off import OFF, Tracing

FIRST_PAUSE = 0.2  # seconds between a failed session and the next; doubles up to the longest
LONGEST_PAUSE = 3.0
REFUSED_PAUSE = 15.0  # the longest if a session opens and then does nothing
STEADY_SECONDS = 60.0  # a session of this length counts as good, even without records
STOP_GRACE = 12.0  # seconds; then each client gets some more: the process ends within 30 s of SIGTERM

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event, tracing: Tracing = OFF) -> None:
    """Work until ``stop``. While Kafka or Postgres is away, the worker waits and tries again.

    Raises PositionsUnfitError, PositionAheadError or PositionForeignError if it would lose or repeat records. Raises
    SequencesBehindError if it would give numbers again. Raises NobodysFaultError if the database refuses a value for
    which no record is to blame. Raises PortUnusableError if it can't serve the probes.
    """
    worker = Worker.of(settings, stop, tracing)
    async with serve_probes(worker.health, worker.measurements.metrics, settings.ops):
        working = asyncio.create_task(_work(worker))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait({working}, timeout=STOP_GRACE)
        if not working.done():
            log.warning(
                "stopped_midway",
                note="another worker publishes the rest of the outbox",
            )
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
                    failure = await _session_to_its_end(worker, intake)
                    pause = _pause_after(worker, pause)
                    health.publisher = False
                    await asyncio.gather(
                        _wait(stop, pause), diagnose.explain(worker.settings, failure, worker.reminders)
                    )
        except* TopicsUnfitError:
            health.heart.beat()
            await asyncio.gather(_wait(stop, LONGEST_PAUSE), database.probe(worker.settings, health))
        except* WAITED_OUT as troubles:
            require_waited_out(troubles)
            health.heart.beat()
            worker.reminders.warning("kafka_out_of_reach", why=error_names(troubles))
            await asyncio.gather(
                _wait(stop, LONGEST_PAUSE),
                diagnose.explain(worker.settings, troubles, worker.reminders),
                database.probe(worker.settings, health),
            )
        health.group = False


async def _session_to_its_end(worker: Worker, intake: Intake) -> BaseExceptionGroup[BaseException] | None:
    """Run one session until ``stop`` or trouble, and return the trouble. Any other error is raised."""
    failure: BaseExceptionGroup[BaseException] | None = None
    worker.opened = worker.progressed = False
    began = time.monotonic()
    try:
        await session(worker, intake)
    except* WAITED_OUT as troubles:
        require_waited_out(troubles)
        failure = troubles
        worker.measurements.record_session_end(troubles)
        worker.reminders.warning("session_over", why=error_names(troubles))
    worker.progressed |= time.monotonic() - began > STEADY_SECONDS
    return failure


def _pause_after(worker: Worker, pause: float) -> float:
    """Seconds until the next session, given the pause before the last one. The pause grows while no session does
    anything.

    Opening a session costs both servers much, so the pause is longest if sessions open and then do nothing.
    """
    if worker.progressed:
        return FIRST_PAUSE
    return min(pause * 2, REFUSED_PAUSE if worker.opened else LONGEST_PAUSE)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()

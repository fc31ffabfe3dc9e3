"""The worker's liveness and readiness, and the port that shows them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from worker import serving
from worker.metrics import Metrics
from worker.settings import Ops

# Seconds. Every wait of the worker has a deadline. The longest legitimate time without progress is opening a publisher
# while Kafka barely answers: 75 s.
STUCK_AFTER = 90.0


class Heart:
    """Measures the time since the worker's last progress.

    Waiting for a server counts as progress: each wait ends, and begins again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_beat = clock()
        self._unfinished = 0

    def beat(self) -> None:
        """Note that the loop has made a turn.

        This does not count while a work item is unfinished: that item may be stuck.
        """
        if not self._unfinished:
            self.held_up(0)

    def held_up(self, seconds: float) -> None:
        """Allow the unfinished work these seconds, because a server has announced such a wait.

        Until then it is not stuck.
        """
        self._last_beat = max(self._last_beat, self._clock() + seconds)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Mark the block as a work item that has to end. Its end is a beat."""
        self._unfinished += 1
        try:
            yield
        finally:
            self._unfinished -= 1
            self.held_up(0)

    @property
    def stuck(self) -> bool:
        """True if the worker made no progress for longer than any deadline allows."""
        return self._clock() - self._last_beat > STUCK_AFTER


@dataclass(slots=True)
class Health:
    """The checks that decide readiness.

    The part of the worker that knows a state sets its check; the worker never reads one.
    """

    database: bool = False  # Postgres accepts connections, and reading the plan book succeeds
    group: bool = False  # the group has assigned partitions, perhaps none, and Kafka still answers
    input: bool = True  # no partition is stopped because of records that the client can't unpack
    topics: bool = True  # in the last check, no fault of a topic could lose records, and no partition had to wait
    plans: bool = False  # a plan book is loaded
    publisher: bool = False  # a slot is leased and its producer open
    output: bool = True  # no message waits until its topic accepts larger ones
    brake: bool = True  # too many dead letters have not stopped the worker
    heart: Heart = field(default_factory=Heart)  # decides liveness

    def checks(self) -> dict[str, bool]:
        """The checks by name, in the order of /readyz."""
        return {
            "database": self.database,
            "group": self.group,
            "input": self.input,
            "topics": self.topics,
            "plans": self.plans,
            "publisher": self.publisher,
            "output": self.output,
            "brake": self.brake,
        }


@asynccontextmanager
async def serve_probes(health: Health, metrics: Metrics, settings: Ops) -> AsyncIterator[None]:
    """Answer the probes during the block. Raises PortUnusableError."""
    if not settings.enabled:
        yield
        return

    async def checks() -> dict[str, bool]:
        return health.checks()

    listening = serving.listen(settings.host, settings.port, "SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT")
    app = serving.probes(lambda: health.heart.stuck, checks, metrics, settings.revision)
    async with serving.served(app, listening):
        yield

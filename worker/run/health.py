"""Whether the worker lives and is ready, and the port that tells."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from worker import serving
from worker.metrics import Metrics
from worker.settings import Ops

# Every wait of the worker has a deadline. The longest stretch of them in which nothing is got on with is opening a
# publisher while Kafka hardly answers: up to 75 seconds.
STUCK_AFTER = 90.0


class Heart:
    """Whether the worker gets on with anything. Waiting for a server is getting on: it ends, and is begun again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._under_way = 0

    def beat(self) -> None:
        """The loop has come round. Says nothing while something is under way that may itself be what is stuck."""
        if not self._under_way:
            self.held_up(0)

    def held_up(self, seconds: float) -> None:
        """What is under way has to wait for so long, as a server has told: until then it is not stuck."""
        self._last = max(self._last, self._clock() + seconds)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Something is under way that has to end; that it has, is a beat."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self.held_up(0)

    @property
    def stuck(self) -> bool:
        """Whether nothing has been got on with for longer than any deadline allows."""
        return self._clock() - self._last > STUCK_AFTER


@dataclass(slots=True)
class Health:
    """The checks that readiness hangs on. Each is set where it is known; the worker never decides by one."""

    database: bool = False  # Postgres lets it in, and the look at the plan book succeeds
    group: bool = False  # the consumer group has told what to read, which may be nothing, and Kafka still answers
    input: bool = True  # no partition had to be stopped because its records can't be unpacked
    topics: bool = True  # as last seen, nothing about them can cost records, and no partition has to wait
    plans: bool = False  # a plan book is loaded
    publisher: bool = False  # a slot is leased and its producer open
    output: bool = True  # no message waits for its topic to take larger ones
    brake: bool = True  # not stopped for too many dead letters
    heart: Heart = field(default_factory=Heart)  # what life hangs on

    def checks(self) -> dict[str, bool]:
        """The checks by name, in the order they are shown."""
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
async def served(health: Health, metrics: Metrics, settings: Ops) -> AsyncIterator[None]:
    """Answers the probes for the length of the block. Raises PortUnusableError."""
    if not settings.enabled:
        yield
        return

    async def checks() -> dict[str, bool]:
        return health.checks()

    listening = serving.listen(settings.host, settings.port, "SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT")
    app = serving.probes(lambda: health.heart.stuck, checks, metrics, settings.revision)
    async with serving.served(app, listening):
        yield

"""Whether the worker lives and is ready, and the port that tells."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from worker.metrics import READY, Metrics
from worker.settings import Ops

# Every wait of the worker has a deadline. The longest stretch of them in which nothing is got on with is opening a
# publisher while Kafka hardly answers: up to 75 seconds.
STUCK_AFTER = 90.0


class PortUnusableError(Exception):
    """The port for the probes can't be listened on; says why, and which settings to change."""


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


class Server(uvicorn.Server):
    """Runs in the worker's loop and leaves the signals to it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn's own handler would keep the worker from finishing its batch."""
        yield


def routes(health: Health, metrics: Metrics, revision: str) -> list[Route]:
    """``/livez`` (the loop turns), ``/readyz`` (``?verbose`` lists the checks), ``/metrics``, ``/version``."""

    async def livez(_: Request) -> Response:
        stuck = health.heart.stuck
        return PlainTextResponse("stuck\n" if stuck else "ok\n", status_code=503 if stuck else 200)

    async def readyz(request: Request) -> Response:
        checks = health.checks()
        ready = all(checks.values())
        lines = [f"[{'+' if ok else '-'}]{name} {'ok' if ok else 'failed'}" for name, ok in checks.items()]
        verbose = "verbose" in request.query_params
        lines = [*(lines if verbose else ()), "ready" if ready else "not ready", ""]
        return PlainTextResponse("\n".join(lines), status_code=200 if ready else 503)

    async def show_metrics(request: Request) -> Response:
        for check, passed in health.checks().items():
            metrics.of(READY, check).set(passed)
        text, content_type = metrics.text(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": content_type})

    async def show_version(_: Request) -> Response:
        return JSONResponse({"version": version("salesplan"), "revision": revision})

    return [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
        Route("/version", show_version),
    ]


@asynccontextmanager
async def served(health: Health, metrics: Metrics, settings: Ops) -> AsyncIterator[None]:
    """Answers the probes for the length of the block. Raises PortUnusableError."""
    if not settings.enabled:
        yield
        return
    listening = _listening(settings)
    config = uvicorn.Config(
        Starlette(routes=routes(health, metrics, settings.revision)),
        log_config=None,
        lifespan="off",
        workers=1,  # else uvicorn looks for a number in WEB_CONCURRENCY
        proxy_headers=False,  # nor does it look for FORWARDED_ALLOW_IPS
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening(settings: Ops) -> socket.socket:
    """Made here, as uvicorn itself would exit where it can't."""
    try:
        return _listening_on(settings.host, settings.port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]  # what follows says the address once more
        raise PortUnusableError(
            f"can't listen on {settings.host}, port {settings.port}: {reason}; "
            "choose another by SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT (0 = any that is free)"
        ) from error


def _listening_on(host: str, port: int) -> socket.socket:
    """On an address of either kind; ``::`` takes IPv4 as well, and is all of that where a machine has no IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # A name that has addresses of both kinds is listened on as everybody's clients try it: localhost as 127.0.0.1.
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(address, family=family, dualstack_ipv6=both)
    except OSError as error:
        if host != "::" or error.errno != errno.EAFNOSUPPORT:
            raise
        return socket.create_server(("0.0.0.0", port))  # noqa: S104 -- it is asked for

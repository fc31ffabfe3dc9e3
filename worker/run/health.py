"""The worker's liveness and readiness, and the port that shows them."""

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

# Seconds. Every wait of the worker has a deadline. The longest legitimate time without progress is opening a publisher
# while Kafka barely answers: 75 s.
STUCK_AFTER = 90.0


class PortUnusableError(Exception):
    """The worker can't listen on the port for the probes; the text says why, and which settings to change."""


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


class Server(uvicorn.Server):
    """A web server in the worker's loop. It leaves the signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: uvicorn's own handler would stop the worker before it has finished its batch."""
        yield


def routes(health: Health, metrics: Metrics, revision: str) -> list[Route]:
    """The routes ``/livez`` (the worker is not stuck), ``/readyz`` (``?verbose`` lists the checks), ``/metrics``,
    ``/version``.
    """

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
async def serve_probes(health: Health, metrics: Metrics, settings: Ops) -> AsyncIterator[None]:
    """Answer the probes during the block. Raises PortUnusableError."""
    if not settings.enabled:
        yield
        return
    listening = _listening(settings)
    config = uvicorn.Config(
        Starlette(routes=routes(health, metrics, settings.revision)),
        log_config=None,
        lifespan="off",
        workers=1,  # otherwise uvicorn reads WEB_CONCURRENCY
        proxy_headers=False,  # and FORWARDED_ALLOW_IPS
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening(settings: Ops) -> socket.socket:
    """Open the socket. If uvicorn opened it, an error would end the process."""
    try:
        return _listening_on(settings.host, settings.port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]  # the rest repeats the address
        raise PortUnusableError(
            f"can't listen on {settings.host}, port {settings.port}: {reason}; "
            "choose another by SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT (0 = any that is free)"
        ) from error


def _listening_on(host: str, port: int) -> socket.socket:
    """Listen on an IPv4 or IPv6 address. ``::`` includes IPv4, and means only IPv4 on a machine without IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # For a name with addresses of both kinds, use the one that clients try first: 127.0.0.1 for localhost.
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(address, family=family, dualstack_ipv6=both)
    except OSError as error:
        if host != "::" or error.errno != errno.EAFNOSUPPORT:
            raise
        return socket.create_server(("0.0.0.0", port))  # noqa: S104 -- the settings ask for it

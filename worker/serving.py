"""HTTP in the process's own loop: what worker and console share of ports, probes and a clean end."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from worker.metrics import READY, Metrics

GRACE = 5  # seconds in which probes that are under way may end


class PortUnusableError(Exception):
    """The program can't listen on the port. The text says why, and which settings to change."""


class Server(uvicorn.Server):
    """Runs in the caller's loop and leaves the signals to it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: uvicorn's own handlers would keep the caller from finishing its work."""
        yield


def probes(
    is_stuck: Callable[[], bool],
    checks: Callable[[], Awaitable[Mapping[str, bool]]],
    metrics: Metrics,
    revision: str,
) -> Starlette:
    """The routes ``/livez`` (503 if the worker is stuck), ``/readyz``, ``/metrics`` and ``/version``.

    ``/readyz?verbose`` lists the checks.
    """

    async def livez(_: Request) -> Response:
        stuck = is_stuck()
        return PlainTextResponse("stuck\n" if stuck else "ok\n", status_code=503 if stuck else 200)

    async def readyz(request: Request) -> Response:
        passed = await checks()
        ready = all(passed.values())
        lines = [f"[{'+' if ok else '-'}]{name} {'ok' if ok else 'failed'}" for name, ok in passed.items()]
        verbose = "verbose" in request.query_params
        lines = [*(lines if verbose else ()), "ready" if ready else "not ready", ""]
        return PlainTextResponse("\n".join(lines), status_code=200 if ready else 503)

    async def show_metrics(request: Request) -> Response:
        for check, ok in (await checks()).items():
            metrics.of(READY, check).set(ok)
        text, content_type = metrics.text(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": content_type})

    async def show_version(_: Request) -> Response:
        return JSONResponse({"version": version("salesplan"), "revision": revision})

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", show_metrics),
            Route("/version", show_version),
        ]
    )


@asynccontextmanager
async def served(app: ASGIApp, listening: socket.socket, grace: int = GRACE) -> AsyncIterator[None]:
    """Answers on the socket during the block. After it, requests that have begun get ``grace`` seconds to end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        workers=1,  # else uvicorn looks for a number in WEB_CONCURRENCY
        proxy_headers=False,  # nor does it look for FORWARDED_ALLOW_IPS
        server_header=False,
        timeout_graceful_shutdown=grace,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def listen(host: str, port: int, names: str) -> socket.socket:
    """A socket on this port, 0 = any that is free. Raises PortUnusableError, whose text has the settings' ``names``.

    The socket is made here, because uvicorn itself would end the process if it can't listen.
    """
    try:
        return _listening_on(host, port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]  # what follows says the address once more
        raise PortUnusableError(
            f"can't listen on {host}, port {port}: {reason}; choose another by {names} (0 = any that is free)"
        ) from error


def _listening_on(host: str, port: int) -> socket.socket:
    """Listen on an IPv4 or IPv6 address.

    With ``::`` the socket also takes IPv4; on a machine without IPv6 it takes IPv4 only.
    """
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

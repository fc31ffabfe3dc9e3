"""Whether the worker lives and is ready, and the port that tells."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from worker.settings import Ops


@dataclass(slots=True)
class Health:
    """What readiness hangs on; each is set where it is known."""

    database: bool = False  # the transactions and the look at the plan book succeed
    group: bool = False  # the consumer group has told what to read; that may be nothing
    input: bool = True  # no partition had to be stopped because its records can't be unpacked
    plans: bool = False  # a plan book is loaded
    publisher: bool = False  # a slot is leased and its producer open
    brake: bool = True  # not stopped for too many dead letters

    def checks(self) -> dict[str, bool]:
        """The checks by name, in the order they are shown."""
        return {
            "database": self.database,
            "group": self.group,
            "input": self.input,
            "plans": self.plans,
            "publisher": self.publisher,
            "brake": self.brake,
        }

    def saw_database(self, trouble: str | None) -> None:
        """The look at the plan book has succeeded, or met trouble."""
        self.database = trouble is None

    def session_over(self) -> None:
        """The connections are gone; until they are back nothing is ready."""
        self.database = self.plans = self.publisher = False


class Server(uvicorn.Server):
    """Runs in the worker's loop and leaves the signals to it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn's own handler would keep the worker from finishing its batch."""
        yield


def routes(health: Health) -> list[Route]:
    """``/livez`` (the loop turns), ``/readyz`` (``?verbose`` lists the checks), ``/version``."""

    async def livez(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        checks = health.checks()
        ready = all(checks.values())
        lines = [f"[{'+' if ok else '-'}]{name} {'ok' if ok else 'failed'}" for name, ok in checks.items()]
        verbose = "verbose" in request.query_params
        lines = [*(lines if verbose else ()), "ready" if ready else "not ready", ""]
        return PlainTextResponse("\n".join(lines), status_code=200 if ready else 503)

    async def show_version(_: Request) -> Response:
        return JSONResponse({"version": version("salesplan")})

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/version", show_version)]


@asynccontextmanager
async def served(health: Health, settings: Ops) -> AsyncIterator[None]:
    """Answers the probes for the length of the block. Raises OSError where the port is taken."""
    if not settings.enabled:
        yield
        return
    listening = socket.create_server((settings.host, settings.port))  # uvicorn itself would exit if it can't
    config = uvicorn.Config(
        Starlette(routes=routes(health)),
        log_config=None,
        lifespan="off",
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving

"""Counts and logs each request by the pattern of its route. The query is not logged: it may hold ids."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.metrics import REQUEST_SECONDS, REQUESTS
from worker.metrics import Metrics

UNKNOWN = "_none"  # a path that is no page's
ROUTE = "salesplan.route"  # where the pattern lies in a request's scope

log = structlog.get_logger()


def observed(app: ASGIApp, metrics: Metrics) -> ASGIApp:
    """The app, whose requests are counted and logged."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, send_and_note)
        finally:
            seconds = time.perf_counter() - begun
            route = scope.get(ROUTE, UNKNOWN)
            metrics.of(REQUESTS, route, str(status)).inc()
            metrics.of(REQUEST_SECONDS, route).observe(seconds)
            log.info("request", method=scope["method"], route=route, status=status, seconds=round(seconds, 4))

    return wrapped

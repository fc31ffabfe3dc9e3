"""The console in the test's own loop, asked as a proxy asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx2
from starlette.types import ASGIApp

from console import database
from console.app import App, built
from console.identity import by_proxy
from console.metrics import ALL
from console.page import AnyPage
from console.pages import PAGES
from worker.metrics import Metrics
from worker.settings import Console, Settings

PROXY = "10.0.0.7"
USER_HEADER = "x-forwarded-user"
HOST = "sales.test"
FORM = "application/x-www-form-urlencoded"
OWN = {"sec-fetch-site": "same-origin"}  # what a browser of today says of a form of the site's own


class Site:
    """One console. A user is named as the proxy would name him."""

    def __init__(
        self, console: Console, databases: database.Databases, metrics: Metrics, pages: Iterable[AnyPage]
    ) -> None:
        self.metrics = metrics
        self.now: datetime | None = None  # None: as the clock says
        app = App(pages, by_proxy(console), databases, console, lambda: self.now or datetime.now(UTC))
        self._app: ASGIApp = built(app, metrics)

    async def get(
        self, path: str, user: str | None = "hugo@x", headers: Mapping[str, str] | None = None, peer: str = PROXY
    ) -> httpx2.Response:
        return await self.send(httpx2.Request("GET", f"http://{HOST}{path}", headers=_of(user, headers)), peer)

    async def post(
        self,
        path: str,
        fields: Iterable[tuple[str, str]] | bytes = (),
        user: str | None = "hugo@x",
        headers: Mapping[str, str] = OWN,
    ) -> httpx2.Response:
        """``fields`` may also be the body itself."""
        body = fields if isinstance(fields, bytes) else urlencode(list(fields)).encode()
        given = _of(user, {"content-type": FORM, **headers})
        return await self.send(httpx2.Request("POST", f"http://{HOST}{path}", headers=given, content=body))

    async def send(self, request: httpx2.Request, peer: str = PROXY) -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(self._app, client=(peer, 40000))) as client:
            return await client.send(request)


def _of(user: str | None, headers: Mapping[str, str] | None) -> dict[str, str]:
    return {**({USER_HEADER: user} if user is not None else {}), **(headers or {})}


@asynccontextmanager
async def opened(
    heads_dsn: str, managers_dsn: str, pages: Iterable[AnyPage] = PAGES, **console: object
) -> AsyncIterator[Site]:
    """A site on these logins, with further settings of the console."""
    given = {"heads_database_url": heads_dsn, "managers_database_url": managers_dsn, "proxies": PROXY, **console}
    settings = Settings.model_validate({"console": given})
    metrics = Metrics(ALL)
    async with database.opened(settings, metrics) as databases:
        yield Site(settings.console, databases, metrics, pages)

"""The way of a request, from its first byte to the page. `README.md` tells it in ten lines."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from console import errors, failures, language, static
from console.cross_site import refuse_cross_site
from console.database import Database, Databases, NobodyError, Role
from console.days import FinishedDays
from console.download import DownloadCutError, Sending
from console.errors import Refusal, RefusalError
from console.form import Form, read_form
from console.headers import with_headers
from console.identity import Identify
from console.language import Language
from console.observe import ROUTE, observed
from console.page import Answer, AnyPage, Call, Download, Page, Piece, SeeOther, Shown, Visit
from console.render import Frame, NavLink, Renderer
from console.urls import address, split
from worker.metrics import Metrics
from worker.settings import Console

READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    page: AnyPage


class _UndoneError(Exception):
    """Rolls back what the page wrote. The user still gets the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class App:
    """Answers requests with the pages. The caller passes everything that the pages need."""

    def __init__(
        self,
        pages: Iterable[AnyPage],
        identify: Identify,
        databases: Databases,
        settings: Console,
        clock: Callable[[], datetime],
    ) -> None:
        pages = tuple(pages)
        self._routes = [_Route(compile_path(page.path)[0], page) for page in pages]
        self._identify = identify
        self._databases = databases
        self._languages = {code: Language(code, settings.zone) for code in language.CODES}
        self._renderer = Renderer(self._languages, _links(pages))
        self._frame = Frame(refresh_seconds=settings.refresh_seconds)
        self._clock = clock
        self._finished = FinishedDays()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        spoken = self._languages[
            language.chosen(request.cookies.get(language.COOKIE), request.headers.get("accept-language", ""))
        ]
        frame = replace(self._frame, here=_here(request) if request.method in READING else None)
        form = Form([])
        try:
            if request.url.path.startswith("/static/"):
                request.scope[ROUTE] = static.PATH
                return static.send(request)
            if request.method not in READING:
                refuse_cross_site(request)
                form = await read_form(request)
            return await self._signed_in(request, form, spoken, frame)
        except RefusalError as refused:
            refusal = refused.refusal
        except Exception as error:  # noqa: BLE001 -- the last net: what is no trouble of the database is told as a fault
            refusal = failures.refusal_of(error)
        return self._refused(refusal, form, frame, spoken)

    async def _signed_in(self, request: Request, form: Form, spoken: Language, frame: Frame) -> Response:
        user = self._identify(request)
        account, path = split(request.scope["raw_path"])
        page, parameters = self._find(path)
        request.scope[ROUTE] = page.path
        reading = request.method in READING
        if request.method not in (*READING, "POST") or (page.get if reading else page.post) is None:
            raise RefusalError(errors.WRONG_METHOD)
        call = Call(
            user=user,
            account=account,
            path=parameters,
            query=dict(request.query_params),
            form=form,
            language=spoken,
            now=self._clock(),
            databases=self._databases,
            finished=self._finished,
        )
        frame = replace(frame, user=user, prefix=account, route=page.path)
        if isinstance(page, Page):
            return await self._let_in(page, call, frame, reading=reading)
        if account is not None:
            raise RefusalError(errors.NOT_FOUND)
        handler = page.get if reading else page.post
        assert handler is not None  # noqa: S101 -- asked above
        return self._response(await handler(call), frame, spoken)

    def _find(self, path: str) -> tuple[AnyPage, Mapping[str, str]]:
        for route in self._routes:
            if found := route.pattern.fullmatch(path):
                return route.page, found.groupdict()
        raise RefusalError(errors.NOT_FOUND)

    async def _let_in(self, page: Page, call: Call, frame: Frame, *, reading: bool) -> Response:
        """Answer a user of the account, by the first of the page's roles that the user has in it.

        Without an account in the path, it is the only one in which the user has the role.
        """
        for role in page.roles:
            database = self._databases[role]
            accounts = [call.account] if call.account is not None else await database.accounts_of(call.user)
            if len(accounts) > 1:
                if reading:
                    return RedirectResponse("/accounts", 303)
                break
            for account in accounts:
                try:
                    answer = await _visited(page, call, database, account, reading=reading)
                except NobodyError:
                    continue
                if isinstance(answer, Download):
                    return Sending(answer.name, answer.media_type, partial(_pieces, answer, call, database, account))
                return self._response(answer, replace(frame, account=account, role=role), call.language)
        raise RefusalError(errors.NOT_FOUND)

    def _response(self, answer: Answer, frame: Frame, spoken: Language) -> Response:
        match answer:
            case Shown():
                return HTMLResponse(self._renderer.render(answer.template, answer.view, frame, spoken), answer.status)
            case SeeOther():
                return RedirectResponse(address(frame.prefix, answer.path), 303)
            case Download():
                raise TypeError("only a page of an account has rows to send")
            case _:
                return answer

    def _refused(self, refusal: Refusal, form: Form, frame: Frame, spoken: Language) -> Response:
        view = errors.Refusing(refusal, tuple(form) if refusal.is_form_kept else ())
        html = self._renderer.render("error.html", view, frame, spoken)
        headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else None
        return HTMLResponse(html, refusal.status, headers)


async def _visited(page: Page, call: Call, database: Database, account: str, *, reading: bool) -> Answer:
    """The page's answer, after its transaction has ended. Raises NobodyError."""
    handler = page.get if reading else page.post
    assert handler is not None  # noqa: S101 -- asked before
    try:
        async with database.entered(call.user, account, edit=not reading) as (person, connection):
            answer = await handler(Visit(call, person, connection))
            if isinstance(answer, Shown) and answer.status >= 400:
                raise _UndoneError(answer)
    except _UndoneError as undone:
        return undone.answer
    return answer


async def _pieces(download: Download, call: Call, database: Database, account: str) -> AsyncIterator[str]:
    """The texts of a file. No transaction is open while a text is being sent. Raises DownloadCutError."""
    read: Callable[[Visit], Awaitable[Piece]] | None = download.first
    while read is not None:
        try:
            async with database.entered(call.user, account) as (person, connection):
                piece = await read(Visit(call, person, connection))
        except NobodyError:
            raise DownloadCutError from None
        yield piece.text
        read = piece.rest


def _links(pages: Iterable[AnyPage]) -> Mapping[Role, list[NavLink]]:
    """The navigation of each role, in the order of the pages."""
    return {
        role: [
            NavLink(page.path, page.nav)
            for page in pages
            if isinstance(page, Page) and page.nav is not None and role in page.roles
        ]
        for role in Role
    }


def _here(request: Request) -> str:
    path = request.scope["raw_path"].decode("ascii", "replace")
    query = request.scope["query_string"].decode("ascii", "replace")
    return f"{path}?{query}" if query else path


def built(app: App, metrics: Metrics) -> ASGIApp:
    """The app, wrapped so that every answer gets its headers and is counted and logged."""
    return with_headers(observed(app, metrics))

"""A page: its path, who may see it, and what answers. `pages/` holds one module a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from starlette.responses import Response

from console.database import Databases, Person, Role
from console.days import FinishedDays
from console.form import Form
from console.language import Language
from worker.postgres import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a user who is signed in.

    ``account`` is the one before the path, as in ``/a/acme/plans``. ``query`` has the last value of each name, and
    ``form`` is empty unless the request is a POST.
    """

    user: str
    account: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form
    language: Language
    now: datetime
    databases: Databases
    finished: FinishedDays


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of a user who has been let in, inside the transaction that shows what is his."""

    call: Call
    person: Person
    connection: Connection


@dataclass(frozen=True, slots=True)
class Shown:
    """A template, and the view model that it shows. A status from 400 on rolls back what the page wrote."""

    template: str
    view: object
    status: int = 200


@dataclass(frozen=True, slots=True)
class SeeOther:
    """Another page of the same account, by its path and query."""

    path: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file, and the function that reads the next part; None after the last one."""

    text: str
    rest: Callable[[Visit], Awaitable[Piece]] | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is sent piece by piece. Each piece is read in a visit of its own, so a slow reader holds none."""

    name: str
    media_type: str
    first: Callable[[Visit], Awaitable[Piece]]


Answer: TypeAlias = Shown | SeeOther | Download | Response


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an account.

    ``roles`` are tried in this order. ``get`` only reads, which the database sees to; ``post`` may write. ``nav`` is
    the word in the navigation, marked by ``N_``.
    """

    path: str
    roles: tuple[Role, ...]
    get: Callable[[Visit], Awaitable[Answer]] | None = None
    post: Callable[[Visit], Awaitable[Answer]] | None = None
    nav: str | None = None


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page for everybody who is signed in, of no account."""

    path: str
    get: Callable[[Call], Awaitable[Answer]] | None = None
    post: Callable[[Call], Awaitable[Answer]] | None = None


AnyPage: TypeAlias = Page | OpenPage

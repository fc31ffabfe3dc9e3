"""Lets users in at the database; no other module does. It has two logins: for heads of sales, and for managers.

Each page's transaction begins with `enter`. From then on, the database shows the rows of this user in this account. It
shows no rows if the user has no role there. No id of a person comes from a URL.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from console.metrics import DATABASE_SECONDS
from db import query
from worker import postgres
from worker.metrics import Metrics
from worker.postgres.lazy import lazy_pool
from worker.postgres.sessions import SessionUnfitError
from worker.settings import Settings

ENTER = query("console/enter")
ACCOUNTS_OF = query("console/accounts_of")
LOGIN = query("console/login")

CONNECTIONS = 8  # of each login, at most
PING_SECONDS = 2.0
PROBLEMS: tuple[type[BaseException], ...] = (*postgres.TROUBLE, *postgres.REJECTED, *postgres.UNMIGRATED)

# A setting that somebody made for longer than a transaction is nobody's in the next one.
FORGET = (
    "select set_config('salesplan.account_id', '', false), set_config('salesplan.manager_id', '', false), "
    "set_config('salesplan.entry', '', false)"
)


class Role(StrEnum):
    """The role of a user in an account. Each role has a login of its own."""

    HEAD = "head"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Person:
    """A user who has been let in. ``manager_id`` and ``manager_name`` are None for a head of sales."""

    user: str
    account: str
    role: Role
    manager_id: str | None
    manager_name: str | None


@dataclass(frozen=True, slots=True)
class _Login:
    name: str
    member_of: str
    statement_timeout: str


_LOGINS: Mapping[Role, _Login] = {
    Role.HEAD: _Login("heads", "salesplan_head", "10s"),
    Role.MANAGER: _Login("managers", "salesplan_console", "3s"),
}


class NobodyError(Exception):
    """The user does not have this role in this account."""


class Database:
    """One login at the database."""

    def __init__(self, role: Role, pool: postgres.Pool, metrics: Metrics) -> None:
        self.role = role
        self.name = _LOGINS[role].name
        self._pool = pool
        self._seconds = metrics.of(DATABASE_SECONDS, self.name)

    async def accounts_of(self, user: str) -> list[str]:
        """The accounts in which the user has this role."""
        async with self._borrowed() as connection:
            return [row["account_id"] for row in await connection.fetch(ACCOUNTS_OF, user)]

    @asynccontextmanager
    async def entered(
        self, user: str, account: str, *, edit: bool = False
    ) -> AsyncIterator[tuple[Person, postgres.Connection]]:
        """One transaction of this user in this account; it writes only with ``edit``. Raises NobodyError.

        A page sees one snapshot. Edits are read committed, as they need to see what was committed before their locks.
        """
        async with self._borrowed() as connection:
            isolation: postgres.IsolationLevel = "read_committed" if edit else "repeatable_read"
            async with postgres.transaction(connection, isolation=isolation, readonly=not edit):
                row = await connection.fetchrow(ENTER, user, account)
                if row is None:
                    raise NobodyError
                person = Person(user, account, Role(row["role"]), row["manager_id"], row["manager_name"])
                yield person, connection

    async def answers(self) -> bool:
        """True if the database answers soon, and lets the login in."""
        try:
            async with postgres.borrowed(self._pool, PING_SECONDS) as connection:
                await connection.execute("select", timeout=PING_SECONDS)
        except PROBLEMS:
            return False
        return True

    async def admit(self, seconds: float) -> None:
        """Connect, unless the database is away. Raises one of ``postgres.REJECTED`` or ``UNMIGRATED``."""
        try:
            async with asyncio.timeout(seconds), postgres.borrowed(self._pool) as connection:
                await connection.prepare(ENTER)
        except (*postgres.REJECTED, *postgres.UNMIGRATED):
            raise
        except postgres.TROUBLE:
            pass

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[postgres.Connection]:
        begun = time.perf_counter()
        try:
            async with postgres.borrowed(self._pool) as connection:
                yield connection
        finally:
            self._seconds.observe(time.perf_counter() - begun)


Databases = Mapping[Role, Database]


@asynccontextmanager
async def opened(settings: Settings, metrics: Metrics) -> AsyncIterator[Databases]:
    """Both logins. None of them connects before it is asked."""
    dsns: Mapping[Role, Callable[[], str | None]] = {
        Role.HEAD: lambda: settings.heads_dsn,
        Role.MANAGER: lambda: settings.managers_dsn,
    }
    async with AsyncExitStack() as stack:
        yield {
            role: Database(role, await stack.enter_async_context(_pool(role, dsn)), metrics)
            for role, dsn in dsns.items()
        }


def _pool(role: Role, dsn: Callable[[], str | None]) -> AbstractAsyncContextManager[postgres.Pool]:
    login = _LOGINS[role]

    async def judge(connection: postgres.Connection) -> None:
        if faults := await connection.fetchval(LOGIN, login.member_of):
            raise SessionUnfitError(f"the login of the {login.name}' pages {', '.join(faults)}; see console/README.md")

    return lazy_pool(
        dsn,
        application_name=f"salesplan-console-{login.name}",
        size=CONNECTIONS,
        settings={
            "statement_timeout": login.statement_timeout,
            "lock_timeout": "3s",
            "idle_in_transaction_session_timeout": "10s",
            "tcp_user_timeout": "8s",
            "plan_cache_mode": "force_custom_plan",
        },
        judge=judge,
        on_return=FORGET,
    )

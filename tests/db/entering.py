"""Lets people in over the console's logins, as its pages do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db import query
from worker import postgres
from worker.postgres import Connection, IsolationLevel

ENTER = query("console/enter")


async def enter(connection: Connection, who: str, account: str = "acme") -> tuple[str, str | None, str | None] | None:
    """Role, manager and his name; None where the user is nobody."""
    row = await connection.fetchrow(ENTER, who, account)
    return (row[0], row[1], row[2]) if row else None


@asynccontextmanager
async def entered(
    connection: Connection, who: str, account: str = "acme", *, isolation: IsolationLevel = "repeatable_read"
) -> AsyncIterator[None]:
    """A page's transaction, or with ``read_committed`` an edit's."""
    async with postgres.transaction(connection, isolation=isolation, readonly=isolation == "repeatable_read"):
        assert await enter(connection, who, account)
        yield


async def rows(connection: Connection, statement: str, *arguments: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.fetch(statement, *arguments)]

"""Logins of a test's own: roles belong to the whole server, so each has a name of its own and is dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from worker import postgres

PASSWORD = "sesame"  # noqa: S105 -- of logins that live for one test


class Login(NamedTuple):
    """A login, and its address."""

    name: str
    dsn: str


@asynccontextmanager
async def login(owner_dsn: str, *roles: str) -> AsyncIterator[Login]:
    """Somebody who is a member of these roles, for the length of the block."""
    name = f"t{uuid4().hex[:12]}"
    where = urlsplit(owner_dsn)
    server = where.netloc.rpartition("@")[2]
    async with postgres.connected(owner_dsn, application_name="test") as owner:
        member = f"in role {', '.join(roles)}" if roles else ""
        await owner.execute(f"create role {name} login password '{PASSWORD}' {member}")
        try:
            yield Login(name, where._replace(netloc=f"{name}:{PASSWORD}@{server}").geturl())
        finally:
            await owner.execute(f"drop owned by {name}; drop role {name}")

"""Checks that the database fits this release: it can prepare each of the release's statements."""

from __future__ import annotations

import db
from worker import postgres

# Statements of `verify` need its temporary tables. Those of the demo and the console use views and functions that a
# worker may not read or call.
ELSEWHERE = ("console/", "demo/", "verify/")

STATEMENTS = tuple(db.query(name) for name in db.names() if not name.startswith(ELSEWHERE))


async def require(connection: postgres.Connection) -> None:
    """Prepare all statements, and run none. Raises one of ``postgres.UNMIGRATED`` if tables or columns are missing."""
    for statement in STATEMENTS:
        await connection.prepare(statement)

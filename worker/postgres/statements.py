"""Whether the database is what this release needs: each of its statements can be prepared there."""

from __future__ import annotations

import db
from worker import postgres

# Those of `verify` need its temporary tables, those of the demo and the console views and functions that are not a
# worker's to see.
ELSEWHERE = ("console/", "demo/", "verify/")

STATEMENTS = tuple(db.query(name) for name in db.names() if not name.startswith(ELSEWHERE))


async def require(connection: postgres.Connection) -> None:
    """Prepare all of them, and run none. Raises one of ``postgres.UNMIGRATED`` where tables or columns are missing."""
    for statement in STATEMENTS:
        await connection.prepare(statement)

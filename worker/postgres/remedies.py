"""Errors that the server sends and that no statement of ours can cause, each with a line that says where to mend it.

The line leaves out the server's own text: a trigger, a constraint or a file's name may quote a lead.
"""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

# SQLSTATE classes of errors about our statements, our values, or the requested database.
_OUR_CLASSES = ("21", "22", "23", "24", "34", "3D", "3F", "42")

# All other errors that a server can send. They carry the server's own fields, so their cause is in the server.
SERVERS_OWN: tuple[type[asyncpg.PostgresError], ...] = (
    asyncpg.UnknownPostgresError,
    *(
        kind
        for kind in vars(asyncpg.exceptions).values()
        if isinstance(kind, type) and issubclass(kind, asyncpg.PostgresError)
        if kind.sqlstate and kind.sqlstate[:2] not in _OUR_CLASSES
    ),
)

CONNECTIONS = 7  # the most that a worker opens: one writes batches, one listens, five are pooled

_BY_STATE: Mapping[str, str] = {
    "25006": "the server takes no writes (25006): it is a standby, read-only by a setting, or its disk is full; "
    "DATABASE_URL must lead to the primary",
    "53100": "the server's disk is full (53100): free some space or give it a larger volume",
    "53200": "the server is out of memory (53200): see its log, work_mem and max_connections",
    "53300": "the server has no connection left (53300): raise max_connections, or the limit of our login or database; "
    f"a worker needs {CONNECTIONS}",
    "53400": "a limit of the server's configuration is reached (53400): see its log",
    "55P03": "another session held a lock for too long (55P03): see pg_blocking_pids for that session",
}
_BY_CLASS: Mapping[str, str] = {
    "0A": "the server does not support a request ({}); after a migration this passes by itself: else see its log",
    "25": "the server refuses the state of a transaction ({}): see its log, and any pooler before it",
    "40": "the server undoes transactions ({}): see its log",
    "54": "a limit of the server's program is exceeded ({}): see its log",
    "55": "an object in the database is not in the needed state ({}): see the server's log",
    "58": "the server can't read or write its own files ({}): see its log, its disk, and programs that lock its files",
    "F0": "the server can't read its configuration ({}): see its log",
    "P0": "a function or trigger in the database refuses ({}), and none of ours does: see the server's log, "
    "and `\\d salesplan.*` for triggers",
    "XX": "the server finds its own data or program broken ({}): see its log, and check its disk and its backups",
}
_REFUSES = "the server refuses with {}: its log says more"

# The server is away or ends sessions, which passes by itself; or it refuses the login, which `rejection` explains.
_EXPLAINED_ELSEWHERE = ("08", "28", "57")


def remedy(error: BaseException) -> str | None:
    """Put the server's trouble and the place to mend it in one line; None if another line says so."""
    if not isinstance(error, SERVERS_OWN):
        return None
    state = error.sqlstate or ""
    if text := _BY_STATE.get(state):
        return text
    if state[:2] in _EXPLAINED_ELSEWHERE or not error.severity:
        return None
    return _BY_CLASS.get(state[:2], _REFUSES).format(state)

"""What this program needs of a session with Postgres: set on every connection, read back, and required.

Settings of the login, of the database or of a pooler decide nothing. They are set by a statement and not when the
connection begins, because a pooler may refuse or drop what a connection begins with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

from db import query
from worker.postgres.types import Connection, Row

BEGIN = query("sessions/begin")
MARK = query("sessions/mark")
READ_MARK = query("sessions/read_mark")

# Of every session. Some of them are other by the login's settings only where somebody wished for that elsewhere.
COMMON: Mapping[str, str] = {
    # Statements name their schema. Nobody's functions, operators or tables come before those of the system.
    "search_path": "",
    # Texts and times, as statements write and compare them.
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    # Transactions are what the code says, and last as long as it says.
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "synchronous_commit": "on",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "exit_on_error": "off",
    # Constraints hold, and whose rows are seen depends on the login and not on a setting.
    "session_replication_role": "origin",
    "row_security": "on",
    # Plans. Compiling costs more than it saves: the planner takes what is forbidden below for very dear.
    "jit": "off",
    "plan_cache_mode": "auto",
    **dict.fromkeys(
        (
            "enable_seqscan",
            "enable_indexscan",
            "enable_indexonlyscan",
            "enable_bitmapscan",
            "enable_nestloop",
            "enable_hashjoin",
            "enable_mergejoin",
            "enable_sort",
        ),
        "on",
    ),
}

# Statements take arrays of keys into tables that grow fast: always walk the index, and plan at the size of now. A plan
# kept from when a table was small scans it, or joins it the wrong way round, when it is large. A bitmap loses the
# index's order, by which counters are found past old versions (lock_counters.sql): with an old snapshot open,
# statistics tell of few rows in many pages, and one would be chosen.
INDEX_ONLY: Mapping[str, str] = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

# For connections that write batches: locks of a frozen or vanished worker are gone within ten seconds.
BATCH_SETTINGS: Mapping[str, str] = {
    "synchronous_commit": "on",
    "lock_timeout": "3s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "10s",
    "client_connection_check_interval": "2s",
    "tcp_user_timeout": "8s",
    "track_activities": "on",  # by which sessions/find_silent.sql finds sessions
    **INDEX_ONLY,
}

# Every name in a migration has its schema. Postgres creates nothing where no schema is named by mistake.
MIGRATION: Mapping[str, str] = {"search_path": "pg_catalog"}

SECOND_SECONDS = 3.0  # for a second connection through a pooler

# Over a Unix socket the server shows and has none.
NOT_EVERYWHERE = ("tcp_user_timeout",)

POOLED = (
    "a pooler gives this session's server process to others between transactions, which breaks locks, timeouts and "
    "LISTEN: connect to PostgreSQL itself, or have the pooler pool sessions "
    "(PgBouncer: pool_mode = session, server_reset_query = DISCARD ALL)"
)
ENCODING = (
    "the database's encoding is {}, in which not every name and id can be kept: make one in UTF-8 "
    "(create database NAME template template0 encoding 'UTF8' locale_provider libc locale 'C') and migrate that"
)
RESORTED = (
    "the database's text was sorted by other rules than this operating system's, so its indexes miss rows "
    "and leads would be assigned twice: stop all workers, and as the owner run `reindex database {}`, then `{}`; "
    "where that is refused, bring the former system back; see db/README.md"
)
LACKED = "the server has no {}, on which a guarantee rests: PostgreSQL 17 or newer has it"
OVERRULED = "the session's {} can't be {!r}, on which a guarantee rests"


class SessionUnfitError(Exception):
    """A session is not what the guarantees need, and stays so until somebody mends the way to it; says how."""


async def begin(
    connection: Connection,
    required: Mapping[str, str],
    another: Callable[[], AbstractAsyncContextManager[Connection]],
) -> None:
    """Set what every session needs, and ``required`` before that. One statement, and some more behind a pooler.

    ``another`` connects once more to the same server. Raises SessionUnfitError.
    """
    wanted = {**COMMON, **required}
    greeted_by = connection.get_server_pid()
    begun = await connection.fetchrow(BEGIN, list(wanted), list(wanted.values()), greeted_by)
    assert begun is not None  # noqa: S101 -- it selects from nothing
    if begun["encoding"] != "UTF8":
        raise SessionUnfitError(ENCODING.format(begun["encoding"]))
    _refuse_resorted(begun)
    if begun["process"] != greeted_by:
        await _require_own_process(connection, another)
        for _ in range(2):  # set, then read by a statement of its own
            begun = await connection.fetchrow(BEGIN, list(wanted), list(wanted.values()), None)
            assert begun is not None  # noqa: S101
    _require(wanted, begun["settings"], required)


def _refuse_resorted(begun: Row) -> None:
    """An index that was sorted by other rules finds neither a lead that is assigned nor a key that is taken."""
    if found := begun["resorted"]:
        raise SessionUnfitError(RESORTED.format(begun["database"], "; ".join(found)))


def _require(wanted: Mapping[str, str], found: list[str | None], required: Mapping[str, str]) -> None:
    for (name, value), seen in zip(wanted.items(), found, strict=True):
        if seen is None and name in required:
            raise SessionUnfitError(LACKED.format(name))
        if seen not in (None, value) and name not in NOT_EVERYWHERE:
            raise SessionUnfitError(OVERRULED.format(name, value))


async def _require_own_process(
    connection: Connection, another: Callable[[], AbstractAsyncContextManager[Connection]]
) -> None:
    """A pooler of transactions lends the idle server process of this session to a second one, which sees its mark."""
    mark = uuid4().hex
    await connection.fetchval(MARK, mark)
    try:
        async with asyncio.timeout(SECOND_SECONDS), another() as second:
            seen = await second.fetchval(READ_MARK)
    except TimeoutError:  # all of the pooler's server processes are taken: this one is not lent
        seen = None
    if seen == mark or await connection.fetchval(READ_MARK) != mark:
        raise SessionUnfitError(POOLED)

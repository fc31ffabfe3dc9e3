"""Session settings that this program needs: it sets them on every connection, reads them back, and requires them.

Settings of the login, of the database or of a pooler have no effect. A statement sets them after the start of the
connection, because a pooler may refuse or drop settings at its start.
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

# Settings of every session. Some differ from these only after somebody changed the login for another purpose.
COMMON: Mapping[str, str] = {
    # Statements name their schema. No foreign function, operator or table hides one of the system.
    "search_path": "",
    # Formats of texts and times in our statements.
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    # The code alone decides the kind and length of transactions.
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
    # Constraints hold, and the login alone decides which rows are visible.
    "session_replication_role": "origin",
    "row_security": "on",
    # Query plans. JIT costs more than it saves: the planner gives plans that are off below a very high cost.
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

# Statements join arrays of keys with tables that grow fast. They must always use the index, and be planned for the
# present size. A plan from the time when a table was small would scan a large one, or join it in the wrong order. A
# bitmap scan loses the index's order, which finds counters past their old versions (lock_counters.sql). With an old
# snapshot open, the statistics show few rows in many pages, and the planner would choose a bitmap.
INDEX_ONLY: Mapping[str, str] = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

# For connections that write batches: the locks of a frozen or vanished worker end within ten seconds.
BATCH_SETTINGS: Mapping[str, str] = {
    "synchronous_commit": "on",
    "lock_timeout": "3s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "10s",
    "client_connection_check_interval": "2s",
    "tcp_user_timeout": "8s",
    "track_activities": "on",  # sessions/find_silent.sql needs it to find sessions
    **INDEX_ONLY,
}

# Every name in a migration has its schema. If a schema is missing by mistake, Postgres creates nothing.
MIGRATION: Mapping[str, str] = {"search_path": "pg_catalog"}

SECOND_SECONDS = 3.0  # seconds for a second connection through a pooler

# Over a Unix socket this has no value.
NOT_EVERYWHERE = ("tcp_user_timeout",)

POOLED = (
    "a pooler gives this session's server process to others between transactions, which breaks locks, timeouts and "
    "LISTEN: connect to PostgreSQL itself, or have the pooler pool sessions "
    "(PgBouncer: pool_mode = session, server_reset_query = DISCARD ALL)"
)
ENCODING = (
    "the database's encoding is {}, which can't store every name and id: create one in UTF-8 "
    "(create database NAME template template0 encoding 'UTF8' locale_provider libc locale 'C') and migrate that"
)
RESORTED = (
    "the database's text was sorted by other rules than this operating system's, so its indexes miss rows "
    "and leads would be assigned twice: stop all workers, and as the owner run `reindex database {}`, then `{}`; "
    "if that fails, bring the former system back; see db/README.md"
)
LACKED = "the server has no {}, which a guarantee needs: PostgreSQL 17 or newer has it"
OVERRULED = "the session's {} can't be {!r}, which a guarantee needs"


class SessionUnfitError(Exception):
    """A session lacks a property that the guarantees need, until somebody mends the way to it; the text says how."""


async def begin(
    connection: Connection,
    required: Mapping[str, str],
    another: Callable[[], AbstractAsyncContextManager[Connection]],
) -> None:
    """Set the settings of every session, and ``required``, which come first. Takes one statement, or more behind a
    pooler.

    ``another`` opens a second connection to the same server. Raises SessionUnfitError.
    """
    wanted = {**COMMON, **required}
    first_process = connection.get_server_pid()
    answer = await connection.fetchrow(BEGIN, list(wanted), list(wanted.values()), first_process)
    assert answer is not None  # noqa: S101 -- it selects from nothing
    if answer["encoding"] != "UTF8":
        raise SessionUnfitError(ENCODING.format(answer["encoding"]))
    _refuse_resorted(answer)
    if answer["process"] != first_process:
        await _require_own_process(connection, another)
        for _ in range(2):  # the first statement sets, a second one reads
            answer = await connection.fetchrow(BEGIN, list(wanted), list(wanted.values()), None)
            assert answer is not None  # noqa: S101
    _require(wanted, answer["settings"], required)


def _refuse_resorted(answer: Row) -> None:
    """Raise SessionUnfitError if indexes are sorted by other rules: they would miss assigned leads and existing
    keys.
    """
    if found := answer["resorted"]:
        raise SessionUnfitError(RESORTED.format(answer["database"], "; ".join(found)))


def _require(wanted: Mapping[str, str], found: list[str | None], required: Mapping[str, str]) -> None:
    for (name, value), value_read in zip(wanted.items(), found, strict=True):
        if value_read is None and name in required:
            raise SessionUnfitError(LACKED.format(name))
        if value_read not in (None, value) and name not in NOT_EVERYWHERE:
            raise SessionUnfitError(OVERRULED.format(name, value))


async def _require_own_process(
    connection: Connection, another: Callable[[], AbstractAsyncContextManager[Connection]]
) -> None:
    """Raise SessionUnfitError behind a pooler of transactions.

    Such a pooler lends this session's idle server process to a second connection, which then sees the session's mark.
    """
    mark = uuid4().hex
    await connection.fetchval(MARK, mark)
    try:
        async with asyncio.timeout(SECOND_SECONDS), another() as second:
            value_read = await second.fetchval(READ_MARK)
    except TimeoutError:  # all server processes of the pooler are busy, so that it did not lend this one
        value_read = None
    if value_read == mark or await connection.fetchval(READ_MARK) != mark:
        raise SessionUnfitError(POOLED)

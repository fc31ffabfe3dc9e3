"""The types of asyncpg that the rest of the worker uses."""

from __future__ import annotations

from typing import Literal, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row: TypeAlias = asyncpg.Record
IsolationLevel: TypeAlias = Literal["read_committed", "repeatable_read"]

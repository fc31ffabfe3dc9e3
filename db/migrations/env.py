"""Alembic's environment. It uses a connection that ``worker.postgres.migrate`` opens."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from db import MIGRATION_LOCK, SCHEMA, VERSION_TABLE
from db.migrations import execute


def run(connection: Connection) -> None:
    """Run the migrations, each in a transaction of its own, so that its locks end with it."""
    execute(connection, f"select pg_advisory_lock({MIGRATION_LOCK})")  # held until this connection closes
    context.configure(
        connection=connection,
        transaction_per_migration=True,
        version_table=VERSION_TABLE,
        version_table_schema=SCHEMA,
    )
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    connect = context.config.attributes["connect"]
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        literal_binds=True,
        transaction_per_migration=True,
        version_table=VERSION_TABLE,
        version_table_schema=SCHEMA,
    )
    with context.begin_transaction():
        context.execute(f"create schema if not exists {SCHEMA}")
        context.run_migrations()
else:
    asyncio.run(online())

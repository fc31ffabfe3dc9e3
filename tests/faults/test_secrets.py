"""Passwords that are changed while workers run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage.environment import environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import subscriptions
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

ASKING_FOR_PASSWORDS = "local all postgres trust\nlocal all all scram-sha-256\n"
OURS = "usename = 'shop_worker'"


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """Its Postgres asks everybody but the superuser for a password."""
    async with opened(environment(postgres.dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        await stage.ask("create role shop_worker login password 'old' in role salesplan_worker")
        (postgres.folder / "data" / "pg_hba.conf").write_text(ASKING_FOR_PASSWORDS)
        await stage.ask("select pg_reload_conf()")
        yield stage


async def test_p34_a_password_that_was_changed_is_read_anew(stage: Stage, postgres: Postgres, tmp_path: Path) -> None:
    """In Postgres first, then in the file, as secrets are rolled. Until then one line says what is refused."""
    file = tmp_path / "password"
    file.write_text("old\n")
    address = postgres.dsn().replace("//postgres@", "//shop_worker@")
    (worker,) = await stage.start_ready(1, DATABASE_URL=address, PGPASSWORD_FILE=str(file))
    await stage.send(subscriptions(441, 20))
    await stage.until_handled()
    await stage.ask("alter role shop_worker password 'new'")
    await stage.ask(f"select pg_terminate_backend(pid) from pg_stat_activity where {OURS}")  # noqa: S608 -- ours
    await stage.until_logged(worker, "postgres_refuses")
    (said, *again) = worker.logged("postgres_refuses")
    assert said["why"].startswith('password authentication failed for user "shop_worker"; see user and password in ')
    assert await worker.probe("/readyz") == 503
    file.write_text("new\n")
    await stage.send(subscriptions(442, 20))
    await stage.finish()
    assert len(again) <= 1


async def test_p34_a_listener_that_ends_alone_reads_it_anew(stage: Stage, postgres: Postgres, tmp_path: Path) -> None:
    """The session goes on without it, and it is back with the new password."""
    file = tmp_path / "password"
    file.write_text("old\n")
    address = postgres.dsn().replace("//postgres@", "//shop_worker@")
    (worker,) = await stage.start_ready(1, DATABASE_URL=address, PGPASSWORD_FILE=str(file))
    await stage.ask("alter role shop_worker password 'new'")
    file.write_text("new\n")
    listener = f"{OURS} and application_name = 'salesplan-plans'"
    await stage.ask(f"select pg_terminate_backend(pid) from pg_stat_activity where {listener}")  # noqa: S608 -- ours
    await stage.until_logged(worker, "plans_out_of_reach")

    async def back() -> bool:
        return await stage.number(f"select count(*) from pg_stat_activity where {listener}") == 1  # noqa: S608 -- ours

    await stage.until("the listener is back", back)
    assert worker.logged("postgres_refuses") == []
    await stage.finish()

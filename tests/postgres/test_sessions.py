"""Settings of a login and its database neither break nor weaken anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from itertools import islice

import asyncpg
import pytest

from tests.postgres.hostile import make_hostile, other
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import events
from tests.support.command import salesplan_on
from tests.support.logins import Login, login
from worker import postgres
from worker.embedded import Postgres
from worker.postgres.sessions import BATCH_SETTINGS, COMMON, INDEX_ONLY, begin
from worker.verify.check import SESSION

PLAIN: Mapping[str, str] = {}
KINDS = {"batches": BATCH_SETTINGS, "plans": INDEX_ONLY, "verify": SESSION, "reports": PLAIN}
ONE_LINE = 1


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[postgres.Connection]:
    async with postgres.connected(database_url, application_name="test") as connection:
        yield connection


@pytest.fixture
async def hostile(owner: postgres.Connection, database_url: str) -> AsyncIterator[Login]:
    """A worker's and reader's login in a database, neither of which is as one expects."""
    async with login(database_url, "salesplan_worker", "salesplan_reader") as who:
        await make_hostile(owner, who.name)
        yield who


@pytest.mark.parametrize("kind", KINDS)
async def test_every_connection_has_what_it_needs(hostile: Login, kind: str) -> None:
    """The program sets every setting that a login could weaken, or sets it for every session."""
    wanted = {**COMMON, **KINDS[kind], "application_name": kind}
    async with postgres.connected(hostile.dsn, application_name=kind, settings=KINDS[kind]) as connection:
        assert await other(connection, wanted) == {}


async def test_so_has_a_connection_that_a_pool_has_had_back(hostile: Login) -> None:
    """And the next one, after the first has died."""
    wanted = {**COMMON, **BATCH_SETTINGS, "application_name": "pooled"}
    async with postgres.pool(hostile.dsn, application_name="pooled", size=1) as pool:
        for ends in (False, True, False):
            async with postgres.borrowed(pool) as connection:
                assert await other(connection, wanted) == {}
                if ends:
                    connection.terminate()


async def test_one_statement_sets_them(owner: postgres.Connection, hostile: Login) -> None:
    """A connection costs one statement more, and nothing after that; a pool takes it back for nothing."""
    asked: list[str] = []
    async with postgres.pool(hostile.dsn, application_name="x", size=1) as pool:
        async with postgres.borrowed(pool) as connection:
            connection.add_query_logger(lambda statement: asked.append(statement.query))
        async with postgres.borrowed(pool) as connection:
            await connection.fetchval("select 1")
    assert asked == ["select 1"]


async def test_all_work_is_done_as_ever(stage: Stage, owner: postgres.Connection, hostile: Login) -> None:
    """Assigned, announced and verified, in a database in which the system's functions have namesakes."""
    worker = stage.start(DATABASE_URL=hostile.dsn)
    await stage.until_ready(worker)
    await stage.send(islice(events(dice(171), 500), 1000))
    await stage.until_handled()
    found = await stage.observe()
    lead = found.assignments[0]
    for words in (
        ("verify",),
        ("explain", lead["lead_id"], "--account", lead["account_id"]),
        ("leads", "export", lead["lead_id"], "--account", lead["account_id"]),
        ("plans", "list"),
        ("plans", "pause", "night", "rosa", "--account", "acme", "--execute"),
        ("offsets", "show"),
    ):
        ran = await stage.command(*words, DATABASE_URL=hostile.dsn)
        assert ran.code == 0, (words, ran)
    await stage.finish()


async def test_migrations_run(empty_database: str) -> None:
    """Into our schema, and past a table of versions that is another program's."""
    async with (
        postgres.connected(empty_database, application_name="test") as superuser,
        login(empty_database) as who,
    ):
        await make_hostile(superuser, who.name)
        await superuser.execute(f"alter role {who.name} superuser")
        for _ in range(2):
            code, _, said = await salesplan_on(who.dsn, "migrate")
            assert (code, said.count("\n")) == (0, 1)
            assert said.startswith("The database is up to date: ")
        assert await superuser.fetchval("select count(*) from salesplan.plan_book") == 1
        assert await superuser.fetchval("select count(*) from evil.alembic_version") == 0


@pytest.mark.parametrize(("name", "value"), [("session_replication_role", "replica"), ("track_activities", "off")])
async def test_what_only_an_administrator_may_set_is_required(
    owner: postgres.Connection, database_url: str, name: str, value: str
) -> None:
    """Sessions without them would pass over constraints, or be invisible to who ends silent ones."""
    async with login(database_url, "salesplan_worker") as who:
        await owner.execute(f"alter role {who.name} set {name} = {value}")
        for words in (("run",), ("plans", "list")):
            code, _, err = await salesplan_on(who.dsn, *words)
            assert (code, err.count("\n")) == (78, ONE_LINE), err
            assert err == (
                f'Postgres: permission denied to set parameter "{name}"; a guarantee rests on it: '
                "see settings of the login and database\n"
            )


async def test_a_server_that_takes_no_writes_is_not_talked_into_it(own_postgres: Callable[[], Postgres]) -> None:
    """Providers of databases make it so while its disk is full, or while another server takes over."""
    server = own_postgres()
    async with postgres.connected(server.dsn(), application_name="test") as owner:
        await owner.execute("alter system set default_transaction_read_only = on")
        await owner.execute("select pg_reload_conf()")
    code, _, err = await salesplan_on(server.dsn(), "plans", "list")
    assert (code, err.count("\n")) == (75, ONE_LINE), err
    assert "None of the hosts match the target attribute requirement" in err


async def test_others_find_a_session_by_its_name_whatever_a_pooler_called_it(database_url: str) -> None:
    """PgBouncer can add the client's host to it. A session that fell silent would not be found, and its locks stay."""
    renamed = {"application_name": "salesplan-batches - 10.1.2.3:40404"}
    connection = await asyncpg.connect(database_url, server_settings=renamed)
    try:
        required = {"application_name": "salesplan-batches", **BATCH_SETTINGS}
        await begin(connection, required, pytest.fail)
        found = "select application_name from pg_stat_activity where pid = pg_backend_pid()"
        assert await connection.fetchval(found) == "salesplan-batches"
    finally:
        await connection.close()

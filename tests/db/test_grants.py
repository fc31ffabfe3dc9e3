"""The rights of each role, and the messages that it gets without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from db import query
from tests.db.schema import dsn_name, newest
from tests.support.command import salesplan_on
from tests.support.logins import login
from tests.support.make import PLAN_FILE
from tests.support.servers import PostgresServer
from tests.support.statements import PREPARE, STATEMENTS, call
from worker import postgres
from worker.embedded import Postgres
from worker.intake import positions

DENIED = asyncpg.InsufficientPrivilegeError
EVERYTHING = """
select format('%I.%I', schemaname, relname)
from (select schemaname, tablename as relname from pg_tables union all
      select schemaname, viewname from pg_views) r
where schemaname in ('salesplan', 'salesplan_api') and relname not in ('viewer', 'entry_secret')
  and not starts_with(relname, 'heads_')
order by 1
"""
EXPLAIN = "explain (costs off) execute {}"
CHANGES = ("insert", "update", "delete", "truncate", "references", "trigger")


async def test_readers_read_everything_and_change_nothing(database_url: str) -> None:
    """A migration that makes a table has to grant it; who a login is, and what seals it, is for the owner to know."""
    async with (
        login(database_url, "salesplan_reader") as who,
        postgres.connected(who.dsn, application_name="test") as reader,
    ):
        names = [row[0] for row in await reader.fetch(EVERYTHING)]
        assert len(names) > 15
        for name in names:
            assert await reader.fetchval("select has_table_privilege($1, 'select')", name), name
            for change in CHANGES:
                assert not await reader.fetchval("select has_table_privilege($1, $2)", name, change), (name, change)
                if change in ("insert", "update", "references"):
                    assert not await reader.fetchval("select has_any_column_privilege($1, $2)", name, change), name


@pytest.mark.parametrize(
    "statement",
    [
        "update salesplan.assignment set manager_id = 'boris'",
        "delete from salesplan.assignment",
        "truncate salesplan.assignment",
        "update salesplan.plan set account_id = 'globex'",
        "update salesplan.position set first_offset = 0",
        "delete from salesplan.plan",
        "delete from salesplan.plan_version",
        "update salesplan.plan_version set changed_by = 'nobody'",
        "select * from salesplan.manager_login",
        "insert into salesplan.manager_login values ('me', 'acme', 'boris')",
        "create table salesplan.mine ()",
        "alter table salesplan.slot add column mine integer",
        "set role salesplan_reader",
    ],
)
async def test_a_worker_can_not_rewrite_what_was_decided(database_url: str, statement: str) -> None:
    """The ledger and the plans' history are only added to."""
    async with (
        login(database_url, "salesplan_worker") as who,
        postgres.connected(who.dsn, application_name="test") as worker,
    ):
        with pytest.raises(DENIED):
            await worker.execute(statement)


async def test_a_worker_keeps_the_epochs_of_positions(database_url: str) -> None:
    """The columns that were added after the roles were made."""
    async with (
        login(database_url, "salesplan_worker") as who,
        postgres.connected(who.dsn, application_name="test") as worker,
    ):
        await positions.start(worker, "a-group", {("order", 0): 5})
        (found,) = (await positions.read(worker, "a-group")).values()
        await positions.keep_epochs(worker, "a-group", {("order", 0): (found, 3)})
        assert (await positions.read(worker, "a-group"))["order", 0].epoch == 3


async def test_no_policy_slows_a_worker_s_statements(database_url: str) -> None:
    """They are planned for its role as they are for the owner, whom no policy concerns."""
    async with login(database_url, "salesplan_worker") as who:
        ours, workers = [await plans_of_batches(dsn) for dsn in (database_url, who.dsn)]
    assert workers == ours
    assert "assignment_lead_id_plan_no_key" in str(ours["batch/find_owners"])


async def plans_of_batches(dsn: str) -> dict[str, list[str]]:
    async with postgres.connected(dsn, application_name="test", settings=postgres.BATCH_SETTINGS) as connection:
        found = {}
        for name in STATEMENTS:
            await connection.execute(PREPARE.format(name, query(name)))
            found[name] = [row[0] for row in await connection.fetch(EXPLAIN.format(call(name)))]
        return found


@pytest.mark.parametrize("role", ["salesplan_worker", "salesplan_reader", "salesplan_manager"])
async def test_only_the_owner_migrates(database_url: str, role: str) -> None:
    """Exit 78 and one line that says what is missing."""
    async with login(database_url, role) as who:
        code, _, err = await salesplan_on(who.dsn, "migrate")
    assert (code, err.count("\n"), "Traceback" in err) == (78, 1, False), err
    assert err.startswith("Postgres: schema salesplan belongs to "), err
    assert f'or have it run "alter schema salesplan owner to {who.name}"' in err


async def test_a_reader_lists_plans_and_can_not_apply_any(database_url: str) -> None:
    """Exit 78 and one line."""
    async with login(database_url, "salesplan_reader") as who:
        assert (await salesplan_on(who.dsn, "plans", "list")).code == 0
        code, _, err = await salesplan_on(who.dsn, "plans", "apply", "/dev/stdin", "--execute", text=PLAN_FILE)
    assert (code, err.count("\n")) == (78, 1), err
    assert "permission denied for table account; db/README.md lists the rights of each role" in err


async def test_who_is_in_no_role_is_told_what_is_missing(database_url: str) -> None:
    """Exit 78 and one line."""
    async with login(database_url) as who:
        code, _, err = await salesplan_on(who.dsn, "plans", "list")
    assert (code, err.count("\n")) == (78, 1), err
    assert "permission denied for schema salesplan" in err


async def test_a_worker_whose_login_is_refused_ends_at_once(database_url: str) -> None:
    """Exit 78 and one line; waiting would not mend it. Kafka is not asked before."""
    async with login(database_url) as who:
        pass
    code, _, err = await salesplan_on(who.dsn, "run")
    assert (code, err.count("\n")) == (78, 1), err
    assert err.startswith("Postgres: ")
    assert who.name in err
    assert "; see user and password in DATABASE_URL" in err


async def test_an_owner_who_may_not_create_roles_migrates_where_they_are_there(
    postgres_server: PostgresServer, database_url: str
) -> None:
    """He owns the database and nothing else; the roles were made before, here by another database's migration."""
    async with postgres_server.empty_database() as dsn, login(dsn) as owner:
        async with postgres.connected(dsn, application_name="test") as admin:
            await admin.execute(f"alter database {dsn_name(dsn)} owner to {owner.name}")
        try:
            code, _, err = await salesplan_on(owner.dsn, "migrate")
            assert (code, err) == (0, f"The database is up to date: made, at {newest()}.\n")
            done = await salesplan_on(owner.dsn, "plans", "apply", "/dev/stdin", "--execute", text=PLAN_FILE)
            assert done.code == 0
            async with postgres.connected(owner.dsn, application_name="test") as connection:
                assert await connection.fetchval("select count(*) from salesplan_api.plans") == 1
        finally:
            async with postgres.connected(dsn, application_name="test") as admin:
                await admin.execute(f"reassign owned by {owner.name} to current_user")


async def test_roles_that_can_not_be_made_are_named(own_postgres: Callable[[], Postgres]) -> None:
    """Where no administrator has made them and the owner may not: exit 78, and what an administrator has to run."""
    server = await asyncio.to_thread(own_postgres)
    async with login(server.dsn()) as owner:
        async with postgres.connected(server.dsn(), application_name="test") as admin:
            await admin.execute(f"grant create on database postgres to {owner.name}")
        code, _, err = await salesplan_on(owner.dsn, "migrate")
        assert (code, err.count("\n")) == (78, 1), err
        assert f"role salesplan_worker is missing and {owner.name} may not create roles" in err
        async with postgres.connected(server.dsn(), application_name="test") as admin:
            await admin.execute(err.partition('"')[2].partition('"')[0])
        assert (await salesplan_on(owner.dsn, "migrate")).code == 0

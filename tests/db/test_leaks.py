"""Whoever has the password of a login of the console asks sideways: functions, errors, estimates, sessions, names.

She has been let in as anna, or as the head of acme, and wants to be shown boris' rows, or those of globex.
"""

from __future__ import annotations

import asyncpg
import pytest

from tests.db.entering import enter, entered, rows
from tests.support.logins import Login
from tests.support.office import Office
from worker import postgres
from worker.postgres import Connection

DENIED = asyncpg.InsufficientPrivilegeError
TELL = "select * from salesplan.{} where pg_temp.tell({})"
COMPARE = "select * from salesplan.{} where {} operator(pg_temp.===) 'x'"
SHOW = "select {} from salesplan.{}"
EXPLAIN = "explain (analyze, verbose) select * from salesplan_api.{}"
# Cheap, so that a planner who is allowed to asks it first; and it tells whatever it is shown.
TELLTALE = """
create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice 'seen: %', $1;
    return true;
end $$;
create function pg_temp.same(text, text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice 'seen: %', $1;
    return $1 = $2;
end $$;
create operator pg_temp.=== (
    function = pg_temp.same, leftarg = text, rightarg = text, restrict = eqsel, join = eqjoinsel);
"""

# What a head may select from, with a column that tells whose a row is, and all that it may say to hanna of acme.
READABLE = {
    "account": ("account_id", {"acme"}),
    "plan": ("account_id || plan_id", {"acmejune", "acmejuly", "acmemay", "acmeempty"}),
    "plan_lgt": ("account_id || lgt_id", {"acmejune", "acmejuly", "acmemay", "acmeempty"}),
    "plan_version": ("lgts[1]", {"june", "july", "may", "empty"}),
    "plan_counter": ("last_seq::text", {"0", "4"}),
    "display_name": ("name", {"Anna Petrova", "Boris", "Landing"}),
    "account_assignment": (
        "lead_id",
        {f"{name}-{number}" for name in ("june", "may", "july") for number in range(4)},
    ),
    "account_waiting_lead": ("lead_id", {"waits"}),
    "account_contact": ("lead_id", {"june-0"}),
    "account_unmatched": ("ref", {"unknown"}),
}


@pytest.mark.parametrize("table", READABLE)
async def test_functions_operators_and_errors_are_shown_her_rows_only(
    canary: Office, head: Connection, table: str
) -> None:
    """Also while the planner estimates: a function of her own is asked about no other row, and no cast meets one."""
    column, hers = READABLE[table]
    notices: list[str] = []
    head.add_log_listener(lambda _, message: notices.append(str(message).partition("seen: ")[2]))
    await head.execute(TELLTALE)
    async with entered(head, "hanna@x"):
        await head.fetch(TELL.format(table, column))
        assert set(notices) == hers
        await head.fetch(f"explain {COMPARE.format(table, column)}")
        await head.fetch(COMPARE.format(table, column))
        assert set(notices) == hers
        assert {row[0] for row in await rows(head, SHOW.format(column, table))} == hers
    for cast in ("integer", "date", "inet"):
        if table == "plan_counter":
            continue
        with pytest.raises(asyncpg.DataError) as refused:
            async with entered(head, "hanna@x"):
                await head.fetch(SHOW.format(f"({column})::{cast}", table))
        assert any(f'"{value}"' in str(refused.value) for value in hers)


async def test_no_statistics_of_our_tables_are_shown(canary: Office, head: Connection, console: Connection) -> None:
    """The commonest values of a column would be leads and managers of all accounts."""
    for connection, who in ((head, "hanna@x"), (console, "anna@x")):
        async with entered(connection, who):
            assert await rows(connection, "select from pg_stats where schemaname like 'salesplan%'") == []
    assert await canary.rows("select from pg_stats where schemaname = 'salesplan' and tablename = 'plan'")


@pytest.mark.parametrize(
    "setting", ["row_security = off", "plan_cache_mode = force_generic_plan", "TimeZone = 'Asia/Tokyo'"]
)
async def test_no_setting_shows_more(head: Connection, console: Connection, setting: str) -> None:
    async with entered(head, "hanna@x"), entered(console, "anna@x"):
        await head.execute(f"set local {setting}")
        await console.execute(f"set local {setting}")
        assert {row[0] for row in await rows(console, "select manager_id from salesplan_api.assignments")} == {"anna"}
        if setting.startswith("row_security"):
            with pytest.raises(DENIED):
                await head.fetch("select * from salesplan.plan")
        else:
            assert {row[0] for row in await rows(head, "select account_id from salesplan.plan")} == {"acme"}


async def test_her_own_names_do_not_come_before_ours(head: Connection, console: Connection) -> None:
    """Functions of the owner find what they found when they were made, whatever search path and temporary things."""
    for connection in (head, console):
        await connection.execute(
            "create temp table person (user_id text, account_id text, role text, manager_id text);"
            "insert into pg_temp.person values"
            " ('mallory', 'acme', 'manager', 'boris'), ('mallory', 'acme', 'head', null);"
            "create function pg_temp.set_config(text, text, boolean) returns text language sql return $2;"
            "create function pg_temp.current_setting(text, boolean) returns text language sql return 'acme';"
            "create function pg_temp.sha256(bytea) returns bytea language sql return $1;"
            "create function pg_temp.login_role() returns text language sql return 'manager';"
            "set search_path = pg_temp, salesplan_api, salesplan, pg_catalog"
        )
        async with connection.transaction():
            assert await enter(connection, "mallory") is None
    async with entered(console, "anna@x"):
        assert {row[0] for row in await rows(console, "select manager_id from salesplan_api.assignments")} == {"anna"}
    async with entered(head, "hanna@x"):
        assert {row[0] for row in await rows(head, "select account_id from salesplan.plan")} == {"acme"}


async def test_a_statement_prepared_for_one_is_another_s_when_he_runs_it(head: Connection, console: Connection) -> None:
    """Also once Postgres keeps one plan for all."""
    async with console.transaction(), head.transaction():
        statements = [await console.prepare("select min(manager_id), max(manager_id) from salesplan_api.assignments")]
        statements += [await head.prepare("select min(account_id), max(account_id) from salesplan.plan")]
    for _ in range(7):
        for who, manager in (("anna@x", "anna"), ("boris@x", "boris")):
            async with entered(console, who):
                assert tuple(await statements[0].fetchrow() or ()) == (manager, manager)
        for who, account in (("hanna@x", "acme"), ("hugo@x", "globex")):
            async with entered(head, who, account):
                assert tuple(await statements[1].fetchrow() or ()) == (account, account)
        assert tuple(await statements[0].fetchrow() or ()) == (None, None)
        assert tuple(await statements[1].fetchrow() or ()) == (None, None)


async def test_roles_within_the_login_change_nothing(head: Connection, console: Connection) -> None:
    """`set role` to one's own group, and back."""
    for connection, who, role, statement in (
        (console, "anna@x", "salesplan_console", "select count(*) from salesplan_api.assignments"),
        (head, "hanna@x", "salesplan_head", "select count(*) from salesplan.plan"),
    ):
        async with entered(connection, who):
            for change in (f"set local role {role}", "reset role", "reset session authorization", "reset all"):
                await connection.execute(change)
                assert await connection.fetchval(statement) in ((4,) if change != "reset all" else (0, 4))


async def test_a_cursor_does_not_outlive_its_person(console: Connection) -> None:
    """One that is held over the commit keeps what it has read then, and no statement of ours makes one."""
    async with entered(console, "boris@x", isolation="read_committed"):
        await console.execute("declare his cursor for select * from salesplan_api.assignments")
    with pytest.raises(asyncpg.InvalidCursorNameError):
        await console.fetch("fetch all from his")


async def test_other_sessions_show_no_ids(console: Connection, console_login: Login) -> None:
    """Sessions of one login see each other's statements: ours have parameters in place of ids."""
    async with postgres.connected(console_login.dsn, application_name="test") as spy, entered(console, "boris@x"):
        seen = await rows(spy, "select query from pg_stat_activity where query <> ''")
        assert not [row for row in seen if "boris" in str(row)]
        assert await rows(spy, "select current_setting('salesplan.manager_id', true)") == [(None,)]


async def test_a_plan_of_a_manager_s_page_shows_no_table(canary: Office, console: Connection) -> None:
    """Its estimates would say how many leads boris has."""
    for call in ("own_page('june', null, 50)", "own_lead('june-2')", "own_overview()", "accounts_of('boris@x')"):
        async with entered(console, "anna@x"):
            lines = [row[0] for row in await console.fetch(EXPLAIN.format(call))]
        assert not [line for line in lines if " on salesplan." in str(line)], lines

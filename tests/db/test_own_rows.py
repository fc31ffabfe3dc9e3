"""A manager who may write any SQL he likes tries to see what is not his."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from tests.support.logins import Login, login
from tests.support.make import lead, plan
from tests.support.office import Office
from worker import postgres
from worker.postgres import Connection

VIEWS = ("assignments", "plan_managers", "plans")
NOBODYS = ("waiting", "unmatched")
COUNT = "select count(*) from salesplan_api.{}"
ASK = "select * from salesplan_api.{} where pg_temp.tell({})"
EXPLAIN = "explain {} select * from salesplan_api.{}"
AMONG = """
select count(*)
from unnest('{june-0,june-1,june-2,june-3,july-0,g-0}'::text[]) as l (lead_id)
join salesplan_api.assignments using (lead_id)
"""
DENIED = asyncpg.InsufficientPrivilegeError
# Cheap, so that a planner who is allowed to asks it first; and it tells whatever it is shown.
TELLTALE = """
create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice 'seen: %', $1;
    return true;
end $$
"""
AN_UNKNOWN_OWNER = "select count(*) from salesplan_api.assignments where manager_id <> 'anna' or account_id <> 'acme'"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """Anna shares june with boris, was taken out of may, and is not in july; another anna is in another account."""
    async with Office.open(database_url) as office:
        for accounts in (
            [plan("june", "anna", "boris"), plan("may", "anna", "boris"), plan("july", "boris")],
            [plan("june", "anna", "otto", account="globex")],
        ):
            await office.edit(*accounts)
        await office.edit(plan("empty"))
        await office.write(*(lead(f"{name}-{n}", name) for name in ("june", "may", "july") for n in range(4)))
        await office.write(*(lead(f"g-{n}", "june", account="globex") for n in range(6)))
        await office.write(lead("nobody", "empty"), lead("stray", "unknown"))
        await office.edit(plan("may", "boris"))
        yield office


@asynccontextmanager
async def session(who: Login) -> AsyncIterator[Connection]:
    async with postgres.connected(who.dsn, application_name="test") as connection:
        yield connection


@pytest.fixture
async def anna(office: Office, database_url: str) -> AsyncIterator[Connection]:
    """Her own login."""
    async with login(database_url, "salesplan_manager") as who:
        await office.connection.execute("insert into salesplan.manager_login values ($1, 'acme', 'anna')", who.name)
        async with session(who) as connection:
            yield connection


async def hers(connection: Connection) -> set[tuple[str, str]]:
    rows = await connection.fetch("select account_id, manager_id from salesplan_api.assignments")
    return {(row[0], row[1]) for row in rows}


async def test_she_sees_her_plans_her_leads_and_her_count(anna: Connection) -> None:
    """Leads also of the plan she was taken out of; of a plan's total only her part, or boris' would be the rest."""
    leads = await anna.fetch(
        "select account_id, plan_id, manager_id, count(*) from salesplan_api.assignments group by 1, 2, 3 order by 2"
    )
    assert [tuple(row) for row in leads] == [("acme", "june", "anna", 2), ("acme", "may", "anna", 2)]
    plans = await anna.fetch("select plan_id, leads, potential_usd from salesplan_api.plans")
    assert [(row[0], row[1], str(row[2])) for row in plans] == [("june", 2, "37.25")]  # 2 x 12.5% x 149
    shares = await anna.fetch(
        "select plan_id, manager_id, active, assigned_count from salesplan_api.plan_managers order by 1"
    )
    assert [tuple(row) for row in shares] == [("june", "anna", True, 2), ("may", "anna", False, 2)]


async def test_owner_and_readers_see_every_row(office: Office, database_url: str) -> None:
    async with login(database_url, "salesplan_reader") as who, session(who) as reader:
        for connection in (office.connection, reader):
            counts = [await connection.fetchval(COUNT.format(view)) for view in (*VIEWS, *NOBODYS)]
            assert counts == [18, 7, 5, 1, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from salesplan.assignment",
        "select * from salesplan.plan_counter",
        "select * from salesplan.manager_login",
        "select * from salesplan.viewer",
        "select * from salesplan.own_assignments()",
        "insert into salesplan.manager_login values (session_user, 'acme', 'boris')",
        "update salesplan.assignment set manager_id = 'anna'",
        "select * from salesplan_api.waiting",
        "select * from salesplan_api.unmatched",
        "set role salesplan_reader",
        "set role salesplan_worker",
        "set role salesplan_console",
        "set session authorization salesplan_reader",
        "create or replace view salesplan_api.plans as select 1",
        "create function salesplan_api.sees_all() returns boolean language sql return true",
        "alter table salesplan.plan disable row level security",
        "copy salesplan.assignment to stdout",
        "select stavalues1 from pg_statistic",
    ],
)
async def test_what_is_not_granted_is_refused(anna: Connection, statement: str) -> None:
    """Neither the tables under the views, nor another role, nor a change."""
    with pytest.raises(DENIED):
        await anna.execute(statement)


@pytest.mark.parametrize(
    "settings",
    [
        {"salesplan.account_id": "acme", "salesplan.manager_id": "boris"},
        {"row_security": "off"},
        {"role": "salesplan_manager", "salesplan.account_id": "globex", "salesplan.manager_id": "anna"},
        {"search_path": "pg_temp, salesplan_api, salesplan, pg_catalog"},
    ],
)
async def test_no_setting_makes_her_another(anna: Connection, settings: dict[str, str]) -> None:
    """Her identity depends on her login alone."""
    for name, value in settings.items():
        await anna.execute("select set_config($1, $2, false)", name, value)
    assert await hers(anna) == {("acme", "anna")}
    assert await anna.fetchval("select count(*) from salesplan_api.plan_managers where manager_id <> 'anna'") == 0


async def test_joins_and_counts_add_nothing(anna: Connection) -> None:
    """Whatever she combines, she combines of her own rows."""
    assert await anna.fetchval(AN_UNKNOWN_OWNER) == 0
    assert await anna.fetchval("select sum(assigned_count) from salesplan_api.plan_managers") == 4
    assert await anna.fetchval(AMONG) == 2
    assert (
        await anna.fetchval(
            "select count(*) from salesplan_api.plans full join salesplan_api.assignments using (plan_id)"
        )
        == 4
    )
    assert (
        await anna.fetchval("select exists (select from salesplan_api.assignments where lead_id = 'july-0')") is False
    )


async def test_functions_and_errors_are_shown_only_her_rows(anna: Connection) -> None:
    """A function that tells what it is asked about, and a division that fails for one lead of boris'."""
    notices: list[str] = []
    anna.add_log_listener(lambda _, message: notices.append(str(message)))
    await anna.execute(TELLTALE)
    for view, column in (("assignments", "manager_id"), ("plan_managers", "manager_id"), ("plans", "plan_id")):
        await anna.fetch(ASK.format(view, column))
    assert {notice.partition("seen: ")[2] for notice in notices} == {"anna", "june"}

    fails = "select from salesplan_api.assignments where 1 / (manager_id <> '{}')::integer = 1"
    await anna.fetch(fails.format("boris"))
    with pytest.raises(asyncpg.DivisionByZeroError):
        await anna.fetch(fails.format("anna"))
    with pytest.raises(asyncpg.InvalidTextRepresentationError, match='"anna"'):
        await anna.fetch("select manager_id::integer from salesplan_api.assignments")


@pytest.mark.parametrize("view", VIEWS)
async def test_explain_shows_no_table(anna: Connection, office: Office, view: str) -> None:
    """Not even as a part that is never executed: its estimate would say how many leads boris has."""
    await office.connection.execute("analyze")
    for options in ("", "(analyze, verbose)"):
        lines = [row[0] for row in await anna.fetch(EXPLAIN.format(options, view))]
        assert "Function Scan on " in lines[0]
        assert not [line for line in lines if "Scan on" in line and "own_" not in line], lines


async def test_a_statement_prepared_before_the_role_changed_is_planned_anew(database_url: str, office: Office) -> None:
    """The statement shows the owner everything, and nothing after a change to a lesser role; and back again."""
    statement = await office.connection.prepare("select count(*) from salesplan_api.assignments")
    counts = []
    for role in ("none", "salesplan_manager", "salesplan_reader", "salesplan_console", "none"):
        await office.connection.execute(f"set role {role}")
        counts.append(await statement.fetchval())
    assert counts == [18, 0, 18, 0, 18]


async def test_the_console_speaks_for_the_manager_it_has_let_in(database_url: str, office: Office) -> None:
    """For one at a time and for a transaction; without one it sees nothing."""
    async with login(database_url, "salesplan_console") as who, session(who) as console:
        for account, manager, leads in (("acme", "boris", 8), ("globex", "anna", 3), ("acme", "otto", 0)):
            async with console.transaction():
                await console.execute(
                    "select set_config('salesplan.account_id', $1, true), set_config('salesplan.manager_id', $2, true)",
                    account,
                    manager,
                )
                assert await console.fetchval("select count(*) from salesplan_api.assignments") == leads
                assert await hers(console) <= {(account, manager)}
            assert await console.fetchval("select count(*) from salesplan_api.assignments") == 0
        with pytest.raises(DENIED):
            await console.execute("select * from salesplan.assignment")


async def test_a_manager_nobody_has_named_sees_nothing(database_url: str, office: Office) -> None:
    """Also with the settings of the console, and also where her login has another's privileges on the views."""
    async with AsyncExitStack() as stack:
        for roles in (("salesplan_manager",), ()):
            who = await stack.enter_async_context(login(database_url, *roles))
            await office.connection.execute(
                f"grant usage on schema salesplan_api to {who.name}; grant salesplan_manager to {who.name};"
                f"grant select on all tables in schema salesplan_api to {who.name}"
            )
            stranger = await stack.enter_async_context(session(who))
            await stranger.execute("set salesplan.account_id = 'acme'; set salesplan.manager_id = 'boris'")
            for view in VIEWS:
                assert await stranger.fetchval(COUNT.format(view)) == 0

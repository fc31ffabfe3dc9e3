"""Logins that may do more than their pages need are refused, on every connection; sessions forget who was let in."""

from __future__ import annotations

import asyncio

import pytest

from console import database
from console.database import Databases, NobodyError, Role
from console.metrics import ALL
from tests.support.logins import Login, login
from tests.support.office import Office
from tests.support.site import Site, opened
from worker import postgres
from worker.metrics import Metrics
from worker.postgres.sessions import SessionUnfitError
from worker.settings import Settings

OWN = {Role.HEAD: "salesplan_head", Role.MANAGER: "salesplan_console"}
STRONGER = ("pg_read_all_data", "pg_write_all_data", "salesplan_reader", "salesplan_worker", *OWN.values())


async def faults(role: Role, dsn: str) -> str:
    """The reasons for which a login for this role is refused. A fit one has none."""
    urls = {"heads_database_url": dsn, "managers_database_url": dsn}
    async with database.opened(Settings.model_validate({"console": urls}), Metrics(ALL)) as databases:
        try:
            await databases[role].admit(10)
        except SessionUnfitError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("role", Role)
async def test_a_login_of_its_role_alone_is_fit(house: Office, database_url: str, role: Role) -> None:
    async with login(database_url, OWN[role]) as fit:
        assert await faults(role, fit.dsn) == ""


@pytest.mark.parametrize("role", Role)
async def test_a_login_that_may_do_more_is_refused_for_what_it_is(house: Office, database_url: str, role: Role) -> None:
    """`enter` lets nobody in through any of them."""
    for other in STRONGER:
        if other != OWN[role]:
            async with login(database_url, OWN[role], other) as unfit:
                assert f"is a member of {other}" in await faults(role, unfit.dsn)
    async with login(database_url) as unfit:
        assert f"is no member of {OWN[role]}" in await faults(role, unfit.dsn)
    async with login(database_url, OWN[role]) as unfit:
        await house.connection.execute(f"alter role {unfit.name} bypassrls")
        assert "has bypassrls" in await faults(role, unfit.dsn)
    assert "is a superuser" in await faults(role, database_url)


async def test_a_grant_that_is_made_later_is_met_by_the_next_connection(
    house: Office, head_login: Login, console_login: Login
) -> None:
    async with opened(head_login.dsn, console_login.dsn) as site:
        assert (await site.get("/plans")).status_code == 200
        await house.connection.execute(f"grant salesplan_reader to {head_login.name}")
        await house.connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", head_login.name
        )
        statuses = [(await site.get("/plans")).status_code for _ in range(3)]
    assert statuses[-1] == 503


async def test_a_hundred_requests_of_several_users_show_each_his_own(site: Site) -> None:
    """More than there are connections; every one of them serves several users."""
    users = {"hugo@x": ("/plans", "Secret"), "hanna@x": ("/a/acme/plans", "July")}
    asked = [user for _ in range(50) for user in users]
    answers = await asyncio.gather(*(site.get(users[user][0], user) for user in asked))
    for user, answer in zip(asked, answers, strict=True):
        assert [word for _, word in users.values() if word in answer.text] == [users[user][1]]


async def test_a_setting_made_for_longer_than_a_transaction_is_forgotten(databases: Databases) -> None:
    heads = databases[Role.HEAD]
    async with heads.entered("hugo@x", "globex") as (_, connection):
        await connection.execute("select set_config('salesplan.account_id', 'globex', false)")
        pid = await connection.fetchval("select pg_backend_pid()")
    async with heads.entered("hugo@x", "globex") as (_, connection):
        assert await connection.fetchval("select pg_backend_pid()") == pid
        await connection.execute("select set_config('salesplan.account_id', 'globex', false)")
    async with heads._borrowed() as connection:
        assert await connection.fetchval("select current_setting('salesplan.account_id')") == ""


async def test_a_page_can_write_nothing_and_sees_one_snapshot(databases: Databases) -> None:
    async with databases[Role.HEAD].entered("hugo@x", "globex") as (person, connection):
        assert (person.role, person.account, person.manager_id) == (Role.HEAD, "globex", None)
        assert await connection.fetchval("show transaction_isolation") == "repeatable read"
        assert await connection.fetchval("show transaction_read_only") == "on"
        assert await connection.fetchval("show statement_timeout") == "10s"
    async with databases[Role.HEAD].entered("hugo@x", "globex", edit=True) as (_, connection):
        assert await connection.fetchval("show transaction_isolation") == "read committed"
        assert await connection.fetchval("show transaction_read_only") == "off"
    async with databases[Role.MANAGER].entered("anna@x", "acme") as (person, connection):
        assert (person.manager_id, person.manager_name) == ("anna", "Anna Petrova")
        assert await connection.fetchval("show statement_timeout") == "3s"


async def test_nobody_is_let_in_by_the_login_of_the_other_role(databases: Databases) -> None:
    for role, user in ((Role.MANAGER, "hanna@x"), (Role.HEAD, "anna@x"), (Role.HEAD, "nobody")):
        with pytest.raises(NobodyError):
            async with databases[role].entered(user, "acme"):
                raise AssertionError("let in")


async def test_a_statement_that_takes_too_long_is_a_busy_page(databases: Databases) -> None:
    with pytest.raises(Exception, match="statement timeout") as raised:
        async with databases[Role.MANAGER].entered("anna@x", "acme") as (_, connection):
            await connection.execute("set local statement_timeout = '10ms'; select pg_sleep(1)")
    assert postgres.is_late(raised.value)

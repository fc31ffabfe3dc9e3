"""A login of the console is nobody until it has let a person in, and is that person for one transaction."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.db.entering import enter
from tests.support.logins import Login, login
from tests.support.office import Office
from worker import postgres
from worker.postgres import Connection

DENIED = asyncpg.InsufficientPrivilegeError
HIS = (
    "select count(*), min(account_id), max(account_id), min(manager_id), max(manager_id) from salesplan_api.assignments"
)
PLANS = "select account_id || '/' || plan_id from salesplan.plan order by 1"
ACMES = ["acme/empty", "acme/july", "acme/june", "acme/may"]
SET_ALL = "select set_config('salesplan.account_id', $1, {0}), set_config('salesplan.manager_id', $2, {0})"

KEEP = """
select set_config(name, current_setting(name), false)
from unnest('{salesplan.account_id,salesplan.manager_id,salesplan.entry}'::text[]) as s (name)
"""


async def his(connection: Connection) -> tuple[object, ...]:
    row = await connection.fetchrow(HIS)
    assert row is not None
    return tuple(row)


async def plans(connection: Connection) -> list[str]:
    return [row[0] for row in await connection.fetch(PLANS)]


NOBODYS = (0, None, None, None, None)
BORIS = (8, "acme", "acme", "boris", "boris")
ANNA = (4, "acme", "acme", "anna", "anna")


async def test_each_login_lets_in_those_of_its_role(console: Connection, head: Connection) -> None:
    """A manager through the managers' login, a head of sales through the heads', and nobody else."""
    async with console.transaction():
        assert await enter(console, "anna@x", "acme") == ("manager", "anna", "Anna Petrova")
        assert await his(console) == ANNA
    async with head.transaction():
        assert await enter(head, "hanna@x", "acme") == ("head", None, None)
        assert await plans(head) == ACMES
    for who, account in (("hanna@x", "acme"), ("anna@x", "initech"), ("nobody@x", "acme"), ("", ""), ("anna", "acme")):
        async with console.transaction():
            assert await enter(console, who, account) is None
            assert await his(console) == NOBODYS
    for who, account in (("anna@x", "acme"), ("hugo@x", "acme"), ("HANNA@x", "acme")):
        async with head.transaction():
            assert await enter(head, who, account) is None
            assert await plans(head) == []
    async with head.transaction():
        assert await head.fetch("select * from salesplan_api.enter(null, null)") == []
        assert await plans(head) == []


async def test_a_user_s_accounts(console: Connection, head: Connection) -> None:
    """Those in which this login can let him in."""
    accounts = "select account_id from salesplan_api.accounts_of($1)"
    for connection, who, expected in (
        (console, "anna@x", ["acme", "globex"]),
        (console, "hanna@x", []),
        (head, "hanna@x", ["acme", "initech"]),
        (head, "anna@x", []),
    ):
        assert [row[0] for row in await connection.fetch(accounts, who)] == expected


async def test_nobody_is_in_before_and_after(console: Connection, head: Connection) -> None:
    """Outside a transaction, before anybody was let in, after a commit, after a rollback."""
    for _ in range(2):
        assert await his(console) == NOBODYS
        assert await plans(head) == []
        for connection, who in ((console, "boris@x"), (head, "hanna@x")):
            assert await enter(connection, who, "acme")
        assert await his(console) == NOBODYS
        assert await plans(head) == []
        async with console.transaction():
            assert await his(console) == NOBODYS
            assert await enter(console, "boris@x", "acme")
            assert await his(console) == BORIS
        rolled_back = head.transaction()
        await rolled_back.start()
        assert await enter(head, "hanna@x", "acme")
        assert await plans(head) == ACMES
        await rolled_back.rollback()


async def test_settings_without_the_seal_are_believed_by_nobody(console: Connection, head: Connection) -> None:
    """Whoever has a prompt sets them, and makes up a seal."""
    for local in ("true", "false"):
        for seal in ("", "x", "true", "0" * 64):
            async with console.transaction():
                await console.execute(SET_ALL.format(local), "acme", "boris")
                await console.execute("select set_config('salesplan.entry', $1, $2)", seal, local == "true")
                assert await his(console) == NOBODYS
            async with head.transaction():
                await head.execute(SET_ALL.format(local), "globex", "")
                await head.execute("select set_config('salesplan.entry', $1, $2)", seal, local == "true")
                assert await plans(head) == []


async def test_who_was_let_in_can_not_change_the_settings_to_another(console: Connection, head: Connection) -> None:
    """The seal is for one person, so that another's name under it is nobody."""
    for name, value in (("account_id", "globex"), ("manager_id", "boris"), ("entry", "")):
        async with console.transaction():
            assert await enter(console, "anna@x", "acme")
            await console.execute(f"select set_config('salesplan.{name}', $1, true)", value)
            assert await his(console) == NOBODYS
    async with head.transaction():
        assert await enter(head, "hanna@x", "acme")
        await head.execute("select set_config('salesplan.account_id', 'globex', true)")
        assert await plans(head) == []


async def test_a_seal_is_worth_nothing_in_the_next_transaction(console: Connection, head: Connection) -> None:
    """Kept in the session, as by a pool that resets nothing or a pooler of transactions; and not in another login."""
    async with console.transaction():
        assert await enter(console, "boris@x", "acme")
        await console.execute(KEEP)
        assert await his(console) == BORIS
    assert await console.fetchval("select current_setting('salesplan.manager_id')") == "boris"
    assert await his(console) == NOBODYS
    async with console.transaction():
        assert await his(console) == NOBODYS
        assert await enter(console, "anna@x", "acme")
        assert await his(console) == ANNA
    async with head.transaction():
        assert await enter(head, "hanna@x", "acme")
        await head.execute(KEEP)
    assert await plans(head) == []


async def test_a_transaction_is_one_person_s(console: Connection) -> None:
    """Also after a savepoint; one that is undone takes its person with it."""
    async with console.transaction():
        assert await enter(console, "anna@x", "acme")
        assert await enter(console, "anna@x", "acme"), "the same person again is no other"
        for who, account in (("boris@x", "acme"), ("anna@x", "globex"), ("nobody", "acme")):
            with pytest.raises(DENIED, match="another person"):
                async with console.transaction():
                    await enter(console, who, account)
            assert await his(console) == ANNA
    async with console.transaction():
        savepoint = console.transaction()
        await savepoint.start()
        assert await enter(console, "boris@x", "acme")
        await savepoint.rollback()
        assert await his(console) == NOBODYS


async def test_many_requests_over_two_connections_are_each_his_own(console_login: Login) -> None:
    """A hundred of four managers, who give connections back in every way there is."""
    expected = {("anna@x", "acme"): ANNA, ("boris@x", "acme"): BORIS}
    expected |= {(f"{name}@x", "globex"): (3, "globex", "globex", name, name) for name in ("anna", "otto")}
    dice = random.Random(19)

    async def request(pool: postgres.Pool, number: int, person: tuple[str, str]) -> tuple[object, ...]:
        async with postgres.borrowed(pool) as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            assert await enter(connection, *person)
            await asyncio.sleep(dice.random() / 100)
            found = await his(connection)
            await (transaction.rollback() if number % 2 else transaction.commit())
            return found

    people = [person for person in expected for _ in range(25)]
    dice.shuffle(people)
    async with postgres.pool(console_login.dsn, application_name="test", size=2) as pool:
        found = await asyncio.gather(*(request(pool, *numbered) for numbered in enumerate(people)))
    assert found == [expected[person] for person in people]


@asynccontextmanager
async def session(who: Login) -> AsyncIterator[Connection]:
    async with postgres.connected(who.dsn, application_name="test") as connection:
        yield connection


@pytest.mark.parametrize("more", ["salesplan_console", "salesplan_reader", "salesplan_worker", "pg_read_all_data"])
async def test_a_login_that_may_do_more_lets_nobody_in(house: Office, database_url: str, more: str) -> None:
    """It would see other rows than those of the person; the role it inherits only on demand counts as well."""
    async with login(database_url, "salesplan_head") as who:
        for option in ("true", "false"):
            await house.connection.execute(f"grant {more} to {who.name} with inherit {option}")
            async with session(who) as connection, connection.transaction():
                assert await enter(connection, "hanna@x", "acme") is None
                assert await enter(connection, "anna@x", "acme") is None


async def test_neither_a_superuser_nor_who_passes_policies_lets_anybody_in(house: Office, database_url: str) -> None:
    """Nor a login that is a manager by itself."""
    assert await enter(house.connection, "hanna@x", "acme") is None
    async with login(database_url, "salesplan_console") as who:
        await house.connection.execute(f"alter role {who.name} bypassrls")
        async with session(who) as connection:
            assert await enter(connection, "anna@x", "acme") is None
        await house.connection.execute(f"alter role {who.name} nobypassrls")
        await house.connection.execute("insert into salesplan.manager_login values ($1, 'acme', 'anna')", who.name)
        async with session(who) as connection, connection.transaction():
            assert await enter(connection, "boris@x", "acme") is None
            assert await his(connection) == ANNA


async def test_who_is_removed_is_nobody_from_then_on(house: Office, console: Connection) -> None:
    await house.connection.execute("delete from salesplan.person where user_id = 'anna@x'")
    async with console.transaction():
        assert await enter(console, "anna@x", "acme") is None
        assert await his(console) == NOBODYS


async def test_pages_of_ones_own_go_on_until_the_first_manager_is_a_person(house: Office, console: Connection) -> None:
    """They name the manager by settings, as the release before documents it; heads among the people change nothing."""
    await house.connection.execute("delete from salesplan.person where role = 'manager'")
    async with console.transaction():
        await console.execute(SET_ALL.format("true"), "acme", "boris")
        assert await his(console) == BORIS
        await house.connection.execute("insert into salesplan.person values ('eva@x', 'acme', 'manager', 'eva')")
        assert await his(console) == NOBODYS

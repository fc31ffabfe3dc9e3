"""Fixtures of the console's logins: two accounts, and who signs in there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.logins import Login, login
from tests.support.make import contact, lead, plan
from tests.support.office import Office
from worker import postgres
from worker.postgres import Connection

__all__ = ["canary", "console", "console_login", "head", "head_login", "house"]

PEOPLE = """
insert into salesplan.person (user_id, account_id, role, manager_id) values
    ('hanna@x', 'acme', 'head', null), ('hugo@x', 'globex', 'head', null), ('hanna@x', 'initech', 'head', null),
    ('anna@x', 'acme', 'manager', 'anna'), ('boris@x', 'acme', 'manager', 'boris'),
    ('otto@x', 'globex', 'manager', 'otto'), ('anna@x', 'globex', 'manager', 'anna');
insert into salesplan.display_name (account_id, kind, id, name) values
    ('acme', 'manager', 'anna', 'Anna Petrova'), ('acme', 'manager', 'boris', 'Boris'),
    ('acme', 'lgt', 'june', 'Landing'),
    ('globex', 'manager', 'otto', 'Otto'), ('globex', 'manager', 'anna', 'Another Anna')
"""


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[Office]:
    """Acme: anna and boris share june, boris has july, anna was in may. Globex: otto and another anna share june."""
    async with Office.open(database_url) as office:
        await office.edit(
            plan("june", "anna", "boris", mode="linked"), plan("may", "anna", "boris"), plan("july", "boris")
        )
        await office.edit(plan("june", "otto", "anna", account="globex"), plan("secret", "otto", account="globex"))
        await office.edit(plan("empty"))
        await office.edit(plan("empty", account="globex"))
        await office.write(contact("june-0", "boris"), contact("g-0", "otto", account="globex"))
        await office.write(*(lead(f"{name}-{n}", name) for name in ("june", "may", "july") for n in range(4)))
        await office.write(*(lead(f"g-{n}", "june", account="globex") for n in range(6)))
        await office.write(lead("waits", "empty"), lead("g-waits", "empty", account="globex"))
        await office.write(lead("stray", "unknown"), lead("g-stray", "g-unknown", account="globex"))
        await office.edit(plan("may", "boris"))
        await office.connection.execute(PEOPLE)
        yield office


@pytest.fixture
async def canary(house: Office) -> Office:
    """Known to the planner, and every lead of globex has a name that no answer may hold."""
    await house.connection.execute("analyze")
    return house


@pytest.fixture
async def console_login(house: Office, database_url: str) -> AsyncIterator[Login]:
    """The login of the managers' pages."""
    async with login(database_url, "salesplan_console") as who:
        yield who


@pytest.fixture
async def head_login(house: Office, database_url: str) -> AsyncIterator[Login]:
    """The login of the pages for heads of sales."""
    async with login(database_url, "salesplan_head") as who:
        yield who


@pytest.fixture
async def console(console_login: Login) -> AsyncIterator[Connection]:
    async with postgres.connected(console_login.dsn, application_name="test") as connection:
        yield connection


@pytest.fixture
async def head(head_login: Login) -> AsyncIterator[Connection]:
    async with postgres.connected(head_login.dsn, application_name="test") as connection:
        yield connection

"""The statements of the managers' pages show what is his, and nothing that tells what the others have."""

from __future__ import annotations

import pytest

from db import query
from tests.db.entering import entered, rows
from tests.support.logins import login
from tests.support.make import NOON, contact, lead, paused, plan
from tests.support.office import Office
from worker import postgres
from worker.plans import store
from worker.postgres import Connection

OWN_PLANS = query("console/own_plans")
OWN_PAGE = query("console/own_page")
OWN_LEAD = query("console/own_lead")
OVER = "select lead_id from salesplan_api.own_page($1, $2, $3)"


async def page(connection: Connection, plan_id: str, below: str | None = None, at_most: int = 50) -> list[object]:
    return [row[0] for row in await rows(connection, OVER, plan_id, below, at_most)]


async def test_his_clients_newest_first_with_why(house: Office, console: Connection) -> None:
    """The date is that of his own contact, of which anna's page says nothing."""
    async with entered(console, "boris@x"):
        found = await console.fetch(OWN_PAGE, "june", None, 50)
        assert [(row["lead_id"], row["reason"], row["contacted_at"]) for row in found] == [
            ("june-2", "even", None),
            ("june-0", "linked_contact", NOON),
        ]
        assert {tuple(row)[4:] for row in found} == {("subscription", "june", "Landing")}
        assert not any("plan_seq" in row for row in found)
    await house.write(contact("june-1", "boris", 5))
    async with entered(console, "anna@x"):
        found = await console.fetch(OWN_PAGE, "june", None, 50)
        assert [(row["lead_id"], row["contacted_at"]) for row in found] == [("june-3", None), ("june-1", None)]


async def test_a_page_begins_below_a_client_of_his(console: Connection) -> None:
    """Below a colleague's, below one of another plan of his and below one that nobody has there is none."""
    async with entered(console, "boris@x"):
        assert await page(console, "july") == ["july-3", "july-2", "july-1", "july-0"]
        assert await page(console, "july", None, 2) == ["july-3", "july-2"]
        assert await page(console, "july", "july-2", 2) == ["july-1", "july-0"]
        assert await page(console, "july", "july-0", 2) == []
        for below in ("june-1", "june-2", "june-3", "nobody's", ""):
            assert await page(console, "july", below) == []
        for below in ("june-1", "june-3"):  # anna's, in a plan that he shares with her
            assert await page(console, "june", below) == []
        for at_most in (0, -1):
            assert await page(console, "july", None, at_most) == []


@pytest.mark.parametrize("plan_id", ["secret", "empty", "unknown", ""])
async def test_of_other_plans_there_is_no_page(console: Connection, plan_id: str) -> None:
    """Not of another account's, also where both have a plan of one name."""
    async with entered(console, "boris@x"):
        assert await page(console, plan_id) == []
    async with entered(console, "anna@x", "globex"):
        assert {str(lead_id)[:2] for lead_id in await page(console, "june")} == {"g-"}
        assert await page(console, "may") == []


async def test_a_page_has_two_hundred_at_most(house: Office, console: Connection) -> None:
    await house.write(*(lead(f"many-{number:03}", "july") for number in range(250)))
    async with entered(console, "boris@x"):
        first = await page(console, "july", None, 1000)
        assert first == [f"many-{number:03}" for number in range(249, 49, -1)]
        assert len(await page(console, "july", "many-050", 1000)) == 54


async def test_his_plans_and_what_became_of_him_in_them(house: Office, console: Connection) -> None:
    """Clients and potential are his: 2 x 12.5 % x 149. Of a plan he was taken out of he sees no later name."""
    await house.connection.execute("update salesplan.plan_version set name = 'Renamed' where version = 2")
    await house.edit(plan("july", paused("boris")))
    async with entered(console, "anna@x"):
        found = await rows(console, OWN_PLANS)
        assert [(*row[:2], *row[4:]) for row in found] == [
            ("june", "June", "active", 2, pytest.approx(37.25)),
            ("may", "May", "removed", 2, pytest.approx(37.25)),
        ]
    async with entered(console, "boris@x"):
        assert [(row[0], row[4], row[5]) for row in await rows(console, OWN_PLANS)] == [
            ("july", "paused", 4),
            ("june", "active", 2),
            ("may", "active", 2),
        ]


async def test_an_archived_plan_stays(house: Office, console: Connection) -> None:
    await store.archive(house.connection, "acme", "june", changed_by="test", execute=True)
    async with entered(console, "anna@x"):
        assert [row[4] for row in await rows(console, OWN_PLANS)] == ["archived", "removed"]
        assert await page(console, "june") == ["june-3", "june-1"]


async def test_one_client_of_his(house: Office, console: Connection) -> None:
    """In the plans in which the lead is his; of a colleague's or another account's lead there is nothing."""
    await house.edit(plan("extra", "anna"))
    await house.write(lead("june-1", "extra"), lead("june-0", "extra"))
    async with entered(console, "anna@x"):
        assert [row[:2] for row in await rows(console, OWN_LEAD, "june-1")] == [("extra", "Extra"), ("june", "June")]
        assert [row[0] for row in await rows(console, OWN_LEAD, "june-0")] == ["extra"]
        for lead_id in ("june-2", "july-0", "g-0", "waits", ""):
            assert await rows(console, OWN_LEAD, lead_id) == []


async def test_nobody_has_no_pages(console: Connection) -> None:
    for statement, arguments in ((OWN_PLANS, ()), (OWN_PAGE, ("june", None, 50)), (OWN_LEAD, ("june-1",))):
        assert await rows(console, statement, *arguments) == []


async def test_a_manager_s_own_login_has_the_same_pages(house: Office, database_url: str) -> None:
    """Without a console: who he is depends on his login."""
    async with login(database_url, "salesplan_manager") as who:
        await house.connection.execute("insert into salesplan.manager_login values ($1, 'acme', 'anna')", who.name)
        async with postgres.connected(who.dsn, application_name="test") as anna:
            assert await page(anna, "june") == ["june-3", "june-1"]
            assert [row[0] for row in await rows(anna, OWN_PLANS)] == ["june", "may"]

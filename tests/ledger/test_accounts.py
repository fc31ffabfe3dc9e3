"""Accounts never mix, whatever names they share."""

import pytest

from tests.oracle import Given
from tests.support.make import contact, lead, plan
from tests.support.office import Office


@pytest.mark.parametrize("mode", ["even", "linked"])
async def test_the_same_plan_lead_and_manager_in_two_accounts_are_two(office: Office, mode: str) -> None:
    """Each account's lead is assigned, by its own rules and numbers."""
    await office.edit(plan("alpha", "anna", mode=mode))
    await office.edit(plan("alpha", "anna", "boris", account="globex", mode=mode))
    written = await office.write(lead("lead-1", "alpha"), lead("lead-1", "alpha", account="globex"))
    assert written.outcomes == {"assigned": 2}
    assert [given[:4] for given in await office.given()] == [
        ("acme", "alpha", 1, "lead-1"),
        ("globex", "alpha", 1, "lead-1"),
    ]


async def test_an_lgt_of_another_account_matches_nothing(office: Office) -> None:
    """Though it has the same name."""
    await office.edit(plan("alpha", "anna", account="globex"))
    assert (await office.write(lead("lead-1", "alpha"))).outcomes == {"no_match": 1}


@pytest.mark.parametrize("manager", ["anna", "boris"])
async def test_contacts_of_another_account_link_nothing(office: Office, manager: str) -> None:
    """Whoever contacted a lead of that name there."""
    await office.edit(plan("alpha", "anna", "boris", mode="linked"))
    await office.edit(plan("alpha", "anna", "boris", mode="linked", account="globex"))
    await office.write(contact("lead-1", manager, account="globex"))
    await office.write(lead("lead-1", "alpha"))
    await office.write(lead("lead-1", "alpha", account="globex"))
    acme, globex = await office.given()
    assert acme.reason == "even"
    assert globex == Given("globex", "alpha", 1, "lead-1", manager, "linked_contact")


async def test_plans_of_another_account_link_nothing(office: Office) -> None:
    """Whoever has a lead of that name there."""
    await office.edit(plan("elsewhere", "boris", account="globex"))
    await office.edit(plan("alpha", "anna", "boris", mode="linked"))
    await office.write(lead("lead-1", "elsewhere", account="globex"))
    await office.write(lead("lead-1", "alpha"))
    assert (await office.given())[0].reason == "even"


async def test_a_lead_waits_in_its_own_account(office: Office) -> None:
    """The other account's plan of the same name assigns only its own."""
    await office.edit(plan("alpha"))
    await office.edit(plan("alpha", account="globex"))
    await office.write(lead("lead-1", "alpha"), lead("lead-1", "alpha", account="globex"))
    await office.edit(plan("alpha", "anna", account="globex"))
    await office.wake("alpha", "globex")
    assert [given.account_id for given in await office.given()] == ["globex"]
    assert [waits.account_id for waits in await office.waits()] == ["acme"]

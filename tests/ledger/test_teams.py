"""Managers who come, pause, go and return, as the tables keep them."""

from tests.support.make import leads, paused, plan
from tests.support.office import Office
from worker.plans import store as planstore


async def standing(office: Office) -> dict[str, tuple[bool, int]]:
    """The active managers, and the number of leads of each."""
    rows = await office.rows("select manager_id, active, assigned_count from salesplan_api.plan_managers")
    return {manager: (active, count) for manager, active, count in rows}


async def test_a_paused_and_a_removed_manager_keep_their_leads_and_counts(office: Office) -> None:
    """They get none; what they have stays theirs and is counted."""
    await office.edit(plan("alpha", "anna", "boris", "clara"))
    await office.write(*leads(*range(1, 7)))
    before = await office.given()
    await office.edit(plan("alpha", paused("anna"), "clara"))
    await office.write(*leads(7, 8, 9))
    assert (await office.given())[:6] == before
    assert await standing(office) == {"anna": (False, 2), "boris": (False, 2), "clara": (True, 5)}


async def test_a_removed_manager_returns_to_his_count(office: Office) -> None:
    """He is no newcomer, though he now stands elsewhere on the list."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.write(*leads(*range(1, 5)))
    await office.edit(plan("alpha", "boris"))
    await office.write(*leads(5, 6))
    await office.edit(plan("alpha", "clara", "boris", "anna"))
    await office.write(*leads(*range(7, 11)))
    assert await standing(office) == {"anna": (True, 3), "boris": (True, 4), "clara": (True, 3)}


async def test_a_newcomer_catches_up(office: Office) -> None:
    """Three leads in a row, then his turn like anyone's."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.write(*leads(*range(1, 7)))
    await office.edit(plan("alpha", "anna", "boris", "clara"))
    await office.write(*leads(*range(7, 11)))
    assert (await office.managers("alpha"))[6:9] == ["clara"] * 3
    assert (await office.managers("alpha"))[9] != "clara"


async def test_an_archived_plan_takes_no_leads_and_keeps_its_history(office: Office) -> None:
    """Its LGT may go to another plan, which knows nothing of its leads."""
    await office.edit(plan("alpha", "anna"))
    await office.write(*leads(1, 2))
    await planstore.archive(office.connection, "acme", "alpha", changed_by="test", execute=True)
    assert (await office.write(*leads(3))).outcomes == {"no_match": 1}
    await office.edit(plan("beta", "boris", lgts=["alpha"]))
    assert (await office.write(*leads(1))).outcomes == {"assigned": 1}
    assert await office.managers("alpha") == ["anna", "anna"]
    assert await office.managers("beta") == ["boris"]


async def test_numbers_go_on_over_changes_of_the_plan(office: Office) -> None:
    """1, 2, 3 ... in the order of decision, each with the version that decided it."""
    await office.edit(plan("alpha", "anna"))
    await office.write(*leads(1, 2))
    await office.edit(plan("alpha", "boris"))
    await office.write(*leads(3, 4))
    decided = await office.rows(
        "select plan_seq, lead_id, plan_version from salesplan_api.assignments order by plan_seq"
    )
    assert decided == [(1, "lead-1", 1), (2, "lead-2", 1), (3, "lead-3", 2), (4, "lead-4", 2)]

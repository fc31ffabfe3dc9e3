"""All managers of the account, and all plans of one."""

from __future__ import annotations

from tests.console.page_text import part, texts
from tests.support.make import paused, plan
from tests.support.office import Office
from tests.support.site import Site
from worker.plans import store

ANNA = "/a/acme/manager?id=anna"
HANNA = "hanna@x"
NONE = "\N{EN DASH}"
STATES = (
    "select p.plan_id, v.version, v.active, v.changed_by from salesplan.plan p"
    " join salesplan.plan_version v using (plan_no, version) where p.account_id = 'acme' order by 1"
)


async def test_everybody_is_there_with_plans_and_clients(site: Site, house: Office) -> None:
    """Anna was taken out of may, in which two clients are hers; june has two more of them."""
    await house.edit(plan("june", paused("anna"), "boris", mode="linked"))
    page = (await site.get("/a/acme/managers", HANNA)).text
    assert part(page, "manager-1", "</tr>") == f"Anna Petrova anna {NONE} 1 plan 4 clients"
    assert part(page, "manager-2", "</tr>") == f"Boris boris 3 plans {NONE} 8 clients"
    assert 'id="manager-3"' not in page
    assert 'href="/a/acme/managers" aria-current="page"' in page
    assert "No plan has managers yet." in (await site.get("/a/initech/managers", HANNA)).text


async def test_all_plans_of_a_manager(site: Site, house: Office) -> None:
    await store.archive(house.connection, "acme", "july", changed_by="test", execute=True)
    page = (await site.get(ANNA, HANNA)).text
    assert part(page, "clients", "</p>") == "4 clients: active in 1 plan, paused in 0"
    assert part(page, "plan-june", "</tr>") == "June 2 50.0% active Pause June"
    assert part(page, "plan-may", "</tr>") == "May 2 50.0% taken out"
    assert "would wait" not in page
    page = (await site.get("/a/acme/manager?id=boris", HANNA)).text
    assert part(page, "plan-july", "</tr>") == "July 4 100.0% plan in the archive"
    assert "In May nobody else is active: new clients would wait. 4 clients came in the last 24 hours." in texts(page)


async def test_a_pause_in_all_plans_is_one_edit_of_this_account_alone(site: Site, house: Office) -> None:
    """Another account's anna stays as she is."""
    await house.edit(plan("july", "boris", paused("anna")))
    answer = await site.post(ANNA, [("to", "pause")], HANNA)
    assert (answer.status_code, answer.headers["location"]) == (303, ANNA)
    assert await house.rows(STATES) == [
        ("empty", 1, [], "test"),
        ("july", 2, [True, False], "test"),
        ("june", 2, [False, True], HANNA),
        ("may", 2, [True], "test"),
    ]
    assert (await house.rows(STATES.replace("acme", "globex")))[1] == ("june", 1, [True, True], "test")
    assert (await site.post(ANNA, [("to", "resume")], HANNA)).status_code == 303
    assert await house.rows(STATES) == [
        ("empty", 1, [], "test"),
        ("july", 3, [True, True], HANNA),
        ("june", 3, [True, True], HANNA),
        ("may", 2, [True], "test"),
    ]
    assert (await site.post(ANNA, [("to", "x")], HANNA)).status_code == 404


async def test_a_pause_in_all_plans_leaves_archived_ones_and_former_ones_alone(site: Site, house: Office) -> None:
    """Anna was taken out of may, and june is archived."""
    await store.archive(house.connection, "acme", "june", changed_by="test", execute=True)
    await house.edit(plan("july", "boris", "anna"))
    assert (await site.post(ANNA, [("to", "pause")], HANNA)).status_code == 303
    assert await house.rows(STATES) == [
        ("empty", 1, [], "test"),
        ("july", 3, [True, False], HANNA),
        ("june", 2, [True, True], "test"),
        ("may", 2, [True], "test"),
    ]

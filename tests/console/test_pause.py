"""Pauses, their ends, and the archive: what the question says, and what the answer does."""

from __future__ import annotations

from tests.console.page_text import part, texts
from tests.support.make import lead, paused, plan
from tests.support.office import Office
from tests.support.site import Site

JUNE = "/a/acme/plans/june"
HANNA = "hanna@x"
NAMES = {"anna": "Anna Petrova", "boris": "Boris"}
CHANGED = (
    "select v.version, v.active, v.changed_by from salesplan.plan_version v join salesplan.plan p using (plan_no)"
    " where p.account_id = 'acme' and p.plan_id = $1 order by v.version desc limit 1"
)


async def managers_of_june(house: Office) -> list[str]:
    """The manager of each client, by number."""
    return [given.manager_id for given in await house.given() if (given.account_id, given.plan_id) == ("acme", "june")]


async def test_after_a_pause_the_next_client_goes_to_another(site: Site, house: Office) -> None:
    """Whoever would be next is paused, so the other one gets both clients; after the pause, it is made up for."""
    await house.edit(plan("june", "anna", "boris"))
    await house.refresh()
    await house.write(lead("before-1", "june"), lead("before-2", "june"))
    nexts = (await managers_of_june(house))[-2:]
    first = nexts[0]
    question = (await site.get(f"{JUNE}/pause?manager={first}", HANNA)).text
    told = part(question, "consequences", "</div>")
    assert f"New clients go to 1 other active manager. The next one goes to {NAMES[nexts[1]]}." in told
    assert "would wait" not in question
    answer = await site.post(f"{JUNE}/pause?manager={first}", (), HANNA)
    assert (answer.status_code, answer.headers["location"]) == (303, JUNE)
    assert (await house.rows(CHANGED, "june"))[0][2] == HANNA
    await house.write(lead("after-1", "june"), lead("after-2", "june"))  # the office hears of it as workers do
    assert (await managers_of_june(house))[-2:] == [nexts[1]] * 2
    await site.post(f"{JUNE}/resume?manager={first}", (), HANNA)
    await house.write(lead("after-3", "june"), lead("after-4", "june"))
    assert (await managers_of_june(house))[-2:] == [first] * 2


async def test_a_pause_of_the_last_one_says_first_how_many_would_wait(site: Site, house: Office) -> None:
    """July is boris's, with four clients today."""
    question = (await site.get("/a/acme/plans/july/pause?manager=boris", HANNA)).text
    assert "Nobody else is active in this plan: new clients would wait." in texts(question)
    assert "About 4 clients would wait for each day" in texts(question)
    await site.post("/a/acme/plans/july/pause?manager=boris", (), HANNA)
    await house.refresh()
    await house.write(lead("late-1", "july"), lead("late-2", "july"))
    assert "2 clients wait now. Resume Boris" in part(
        (await site.get("/a/acme/plans/july", HANNA)).text, "hands", "</li>"
    )
    question = (await site.get("/a/acme/plans/july/resume?manager=boris", HANNA)).text
    assert "2 clients wait, and go to Boris at once." in texts(question)
    await site.post("/a/acme/plans/july/resume?manager=boris", (), HANNA)
    assert len(await house.wake("july")) == 2


async def test_who_comes_back_with_fewer_clients_is_said_to_get_the_next_ones(site: Site, house: Office) -> None:
    """Boris has four, and is next once Anna has as many; the engine agrees with what was said."""
    await house.edit(plan("july", "boris", paused("anna")))
    question = texts((await site.get("/a/acme/plans/july/resume?manager=anna", HANNA)).text)
    assert "Anna Petrova gets the next 4 clients, and the others get none meanwhile." in question
    await site.post("/a/acme/plans/july/resume?manager=anna", (), HANNA)
    await house.write(*(lead(f"july-{n}", "july") for n in range(10, 16)))
    given = [given.manager_id for given in await house.given() if (given.account_id, given.plan_id) == ("acme", "july")]
    assert given[4:] == [*["anna"] * 4, "boris", "anna"]


async def test_a_pause_twice_makes_no_second_version(site: Site, house: Office) -> None:
    await site.post(f"{JUNE}/pause?manager=anna", (), HANNA)
    (first,) = await house.rows(CHANGED, "june")
    assert first == (2, [False, True], HANNA)
    assert "is paused in June already" in texts((await site.get(f"{JUNE}/pause?manager=anna", HANNA)).text)
    assert (await site.post(f"{JUNE}/pause?manager=anna", (), HANNA)).status_code == 303
    assert await house.rows(CHANGED, "june") == [first]


async def test_a_question_changes_nothing_and_another_site_s_answer_is_refused(site: Site, house: Office) -> None:
    before = await house.everything()
    for path in ("pause?manager=anna", "resume?manager=anna", "archive"):
        assert (await site.get(f"{JUNE}/{path}", HANNA)).status_code == 200
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await site.post(f"{JUNE}/{path}", (), HANNA, foreign)).status_code == 403
    assert (await site.post("/a/acme/manager?id=anna", [("to", "pause")], HANNA, foreign)).status_code == 403
    assert await house.everything() == before


async def test_an_archive_says_what_it_costs_and_is_done_once(site: Site, house: Office) -> None:
    question = texts((await site.get("/a/acme/plans/empty/archive", HANNA)).text)
    assert "1 client waits for a manager, and would wait for ever." in question
    assert "stay" not in question
    question = texts((await site.get(f"{JUNE}/archive", HANNA)).text)
    assert "4 clients stay as they are" in question
    assert "These LGTs become free for other plans: Landing june" in question
    assert "An archived plan can't be brought back" in question
    answer = await site.post(f"{JUNE}/archive", (), HANNA)
    assert (answer.status_code, answer.headers["location"]) == (303, JUNE)
    assert (await house.rows(CHANGED, "june"))[0][::2] == (2, HANNA)
    assert (await site.post(f"{JUNE}/archive", (), HANNA)).status_code == 303
    assert (await house.rows(CHANGED, "june"))[0][0] == 2
    assert "stays there" in texts((await site.get(f"{JUNE}/archive", HANNA)).text)
    for verb in ("pause", "resume"):
        assert (await site.get(f"{JUNE}/{verb}?manager=anna", HANNA)).status_code == 409
        assert (await site.post(f"{JUNE}/{verb}?manager=anna", (), HANNA)).status_code == 409


async def test_russian_has_its_forms(site: Site, house: Office) -> None:
    await house.write(*(lead(f"july-{n}", "july") for n in range(10, 27)))
    page = texts((await site.get("/a/acme/plans/july/pause?manager=boris", HANNA, {"cookie": "lang=ru"})).text)
    assert "будет ждать примерно 21 клиент:" in page

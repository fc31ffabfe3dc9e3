"""Two edits of one plan at once: the second save is a question, and nobody's edit is lost."""

from __future__ import annotations

import re
from html import unescape

import httpx2

from tests.support.make import paused, plan
from tests.support.office import Office, spec
from tests.support.plan_form import JUNE, RU, error, errors, plan_of, send, text, value
from tests.support.site import Site
from worker.plans import store

FIELDS = (
    "name",
    "conversion_percent",
    "label_text",
    "managers",
    "lgts",
    "mode",
    "average_sale",
    "label_color",
    "version",
)


async def opened(site: Site) -> dict[str, str]:
    """The fields of the form when it is opened."""
    page = await site.get(JUNE, "hanna@x")
    return {field: value(page, field) for field in FIELDS}


def choices(page: httpx2.Response) -> dict[str, list[str]]:
    """The values to choose from, the chosen one first."""
    found: dict[str, list[str]] = {}
    for field in re.findall(r'<fieldset class="field choice" id="(\w+)"', page.text):
        found[field] = [
            unescape(each) for each in re.findall(rf'type="radio" name="{field}" value="([^"]*)"', page.text)
        ]
    return found


async def test_both_edits_are_laid_over_each_other(site: Site, house: Office) -> None:
    """M6: both change the name; only the other pauses boris; only this one changes the sale."""
    mine = {**await opened(site), "name": "Mine", "average_sale": "200"}
    rules = plan("june", "anna", paused("boris"), mode="linked")
    await house.apply("acme", spec(rules, name="Theirs"))
    page = await send(site, JUNE, mine)
    assert page.status_code == 409
    assert choices(page) == {"name": ["Mine", "Theirs"]}
    assert value(page, "managers") == "anna\nboris *"
    assert page.text.count("taken over from it") == 1
    assert (value(page, "average_sale"), value(page, "version")) == ("200", "2")
    assert re.search(r"test, [^:]+:\d\d:\d\d [AP]M, version 2: Plan name; Managers", text(page).replace("\u202f", " "))
    assert (await plan_of(house, "june")).version == 2
    saved = await send(site, JUNE, {**mine, "managers": "anna\nboris *", "version": "2"})
    assert saved.status_code == 303
    june = await plan_of(house, "june")
    assert (june.spec.name, str(june.spec.average_sale), june.version) == ("Mine", "200.00", 3)
    assert [manager.paused for manager in june.spec.managers] == [False, True]


async def test_lists_and_label_that_both_changed_are_questions_too(site: Site, house: Office) -> None:
    mine = {
        **await opened(site),
        "managers": "boris\ncleo *",
        "label_text": "A",
        "label_color": "#facc15",
        "mode": "even",
    }
    await house.apply(
        "acme", spec(plan("june", "anna", mode="linked"), label={"text": "B", "color": "#1d4ed8"}, lgts=["june", "x"])
    )
    page = await send(site, JUNE, mine, RU)
    assert page.status_code == 409
    assert choices(page) == {
        "label_text": ["A", "B"],
        "managers": ["boris\ncleo *", "anna"],
        "label_color": ["#facc15", "#1d4ed8"],
    }
    assert (value(page, "lgts"), value(page, "mode")) == ("june\nx", "even")
    assert "Пока вы меняли план" in text(page)


async def test_a_third_edit_is_a_question_again(site: Site, house: Office) -> None:
    mine = {**await opened(site), "name": "Mine"}
    await house.apply("acme", spec(plan("june", "anna", mode="linked")))
    await house.apply("acme", spec(plan("june", "anna", mode="linked"), average_sale="7"))
    page = await send(site, JUNE, mine)
    assert "version 3: Average sale, $" in text(page)
    assert "version 2: Managers" in text(page)
    await house.apply("acme", spec(plan("june", "boris", mode="linked"), average_sale="7"))
    again = await send(site, JUNE, {**mine, "managers": "anna", "average_sale": "7", "version": value(page, "version")})
    assert (again.status_code, value(again, "managers"), value(again, "version")) == (409, "boris", "4")


async def test_a_version_that_never_was_is_a_question_about_everything(site: Site, house: Office) -> None:
    mine = {**await opened(site), "name": "Mine", "average_sale": "7"}
    for version in ("", "0", "99", "x", "-1", "1" * 5000):
        page = await send(site, JUNE, {**mine, "version": version})
        assert (page.status_code, choices(page)) == (409, {"name": ["Mine", "June"], "average_sale": ["7", "149"]})
    assert (await plan_of(house, "june")).version == 1


async def test_the_same_edit_twice_is_no_conflict(site: Site, house: Office) -> None:
    """A form that is sent a second time, since its first answer was lost."""
    mine = {**await opened(site), "name": "Mine"}
    assert [(await send(site, JUNE, mine)).status_code for _ in range(2)] == [303, 303]
    assert (await plan_of(house, "june")).version == 2


async def test_mistakes_come_first_and_the_conflict_is_still_found(site: Site, house: Office) -> None:
    mine = {**await opened(site), "name": "Mine", "average_sale": "x"}
    await house.apply("acme", spec(plan("june", "anna", mode="linked"), name="Theirs"))
    page = await send(site, JUNE, mine)
    assert (page.status_code, errors(page), value(page, "version")) == (422, ["average_sale"], "1")
    assert (await send(site, JUNE, {**mine, "average_sale": "149"})).status_code == 409


async def test_an_lgt_that_another_plan_got_meanwhile_is_named(site: Site, house: Office) -> None:
    mine = {**await opened(site), "lgts": "june\nfree"}
    await house.apply("acme", spec(plan("july", "boris"), lgts=["july", "free"]))
    page = await send(site, JUNE, mine)
    assert page.status_code == 422
    assert error(page, "lgts").startswith("'free' is in plan 'july'")


async def test_a_plan_that_was_archived_meanwhile_can_be_saved_as_a_new_one(site: Site, house: Office) -> None:
    mine = {**await opened(site), "name": "Mine"}
    await store.archive(house.connection, "acme", "june", changed_by="Борис", execute=True)
    page = await send(site, JUNE, mine)
    assert page.status_code == 409
    assert "The plan was archived while you edited it." in text(page)
    assert "Борис" in text(page)
    assert 'action="/a/acme/plans/new"' in page.text
    fields = {field: value(page, field) for field in FIELDS[:-1]}
    assert fields == {field: typed for field, typed in mine.items() if field != "version"}
    assert (await send(site, "/a/acme/plans/new", fields)).headers["location"] == "/a/acme/plans/mine"

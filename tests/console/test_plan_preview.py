"""The part beside the form: the label, the potential, the next manager, warnings. Nothing of it is saved."""

from __future__ import annotations

import re

import pytest

from tests.support.make import lead, paused, plan
from tests.support.office import Office, spec
from tests.support.plan_form import GOOD, JUNE, NEW, PREVIEW, RU, send, text, value
from tests.support.site import Site

X = "\N{MULTIPLICATION SIGN}"


async def test_a_preview_writes_nothing_and_keeps_the_form(site: Site, house: Office) -> None:
    before = await house.everything()
    page = await send(site, PREVIEW, GOOD)
    assert page.status_code == 200
    assert {field: value(page, field) for field in GOOD} == GOOD
    assert 'action="/a/acme/plans/new"' in page.text
    assert await house.everything() == before


async def test_the_potential_comes_with_its_formula(site: Site) -> None:
    """June has four clients: 4 x 12.5 / 100 x 1250.50 = 625.25."""
    page = await send(site, PREVIEW, {**GOOD, "id": "june", "version": "1"})
    assert 'action="/a/acme/plans/june/edit"' in page.text
    assert f"$625.25 = 4 clients {X} 12.5 % {X} $1,250.50" in text(page)
    russian = await send(site, PREVIEW, {**GOOD, "id": "june", "version": "1"}, RU)
    assert f"625,25 $ = 4 клиента {X} 12,5 % {X} 1 250,50 $" in text(russian)
    assert "as soon as the conversion rate" in text(await send(site, PREVIEW, {**GOOD, "average_sale": "1,250"}))


@pytest.mark.parametrize(("count", "words"), [(1, "1 клиент"), (2, "2 клиента"), (5, "5 клиентов"), (21, "21 клиент")])
async def test_a_count_stands_with_its_noun(site: Site, house: Office, count: int, words: str) -> None:
    """M11."""
    await house.edit(plan("fresh", "anna"))
    await house.refresh()
    await house.write(*(lead(f"f-{number}", "fresh") for number in range(count)))
    page = await site.get("/a/acme/plans/fresh/edit", "hanna@x", {"cookie": "lang=ru"})
    assert f"= {words} {X} 12,5 %" in text(page)


@pytest.mark.parametrize(
    ("color", "shade"),
    [("#facc15", "black"), ("#1d4ed8", "white"), ("#767676", "black"), ("#757575", "white"), ("", "black")],
)
async def test_the_example_has_the_text_that_can_be_read(site: Site, color: str, shade: str) -> None:
    """On #767676 black has 4.6 and white 4.5; on #757575, which is a bit darker, it is the other way round."""
    page = await send(site, PREVIEW, {**GOOD, "label_color": color})
    found = re.search(
        r'<span class="chip (\w+)" id="label-example"><svg.*?fill="(#\w+)"/></svg><span><bdi>(.*?)</bdi>', page.text
    )
    assert found
    assert (found[1], found[2], found[3]) == (shade, color or "#e5e7eb", "Вебинар")
    assert page.text.count('class="chip ') == 2
    assert {'<li lang="ru">', '<li lang="en">'} <= set(re.findall('<li lang="..">', page.text))


async def test_the_example_is_there_while_the_colour_is_still_being_typed(site: Site) -> None:
    page = await send(site, PREVIEW, {**GOOD, "label_color": "#fa"})
    assert 'id="label-example"><svg' in page.text
    plain = await send(site, PREVIEW, {**GOOD, "label_text": ""})
    assert '<p class="quiet" id="label-example" lang="en">No label</p>' in plain.text


async def test_who_is_next_is_the_active_manager_with_the_fewest(site: Site, house: Office) -> None:
    """June: boris got the first and the third client, anna the second and the fourth, cleo none."""
    for managers, expected in (
        ("anna\nboris", "The next client goes to: Boris, unless"),
        ("anna\nboris\ncleo", "The next client goes to: cleo, unless"),
        ("anna *\nboris", "The next client goes to: Boris, unless"),
    ):
        page = await send(site, PREVIEW, {**GOOD, "id": "june", "version": "1", "managers": managers})
        assert expected in text(page)
    new = await send(site, PREVIEW, {**GOOD, "managers": "anna\nboris"})
    assert "The next client goes to: Anna Petrova or Boris, unless" in text(new)
    assert "The next client" not in text(await send(site, PREVIEW, {**GOOD, "managers": "anna *"}))


async def test_warnings_are_told_in_the_users_language(site: Site, house: Office) -> None:
    await house.apply("acme", spec(plan("july", "boris"), offers={"ordered": ["offer-9"]}))
    fields = {**GOOD, "lgts": "", "managers": "boris *"}
    warned = text(await send(site, PREVIEW, fields)).partition("What will happen")[2]
    assert "Plan 'zimniy-vebinar': no active manager; its leads will wait." in warned
    assert "Offer 'offer-9' is in several plans (july, zimniy-vebinar)" in warned
    russian = text(await send(site, PREVIEW, fields, RU)).partition("Что произойдёт")[2]
    assert "План «zimniy-vebinar»: нет активных менеджеров, новые клиенты будут ждать." in russian
    joins = await send(site, PREVIEW, {**GOOD, "id": "june", "version": "1", "managers": "anna\nboris\ncleo"}, RU)
    assert "появляется менеджер «cleo» (сейчас 0 клиентов)" in text(joins)
    assert "план «june»: добавляется «cleo»" in text(joins).lower()
    assert "следующие 2 клиента" in text(joins).lower()
    same = await send(site, PREVIEW, {**GOOD, "id": "june", "version": "1", "managers": "anna\nboris"}, RU)
    assert 'id="forecast"' not in same.text
    named = await send(site, PREVIEW, {**GOOD, "managers": "anna petrova"})
    assert "“anna petrova” is a name, and the list has ids: is it “anna”?" in text(named)


async def test_an_empty_form_is_not_scolded(site: Site) -> None:
    page = await site.get(NEW, "hanna@x")
    assert "Warnings appear here" in text(page)
    assert 'class="fault"' not in page.text


async def test_known_names_stand_beside_the_lists(site: Site) -> None:
    page = text(await site.get(JUNE, "hanna@x"))
    assert "Managers: 2 known Anna Petrova anna Boris boris" in page
    assert "unknown 1 event without a plan" in page
    assert "july in the plan July" in page
    assert "Another Anna" not in page


async def test_a_paused_manager_is_shown_as_paused(site: Site, house: Office) -> None:
    await house.edit(plan("june", "anna", paused("boris")))
    page = await site.get(JUNE, "hanna@x")
    assert re.search(r'<li class="paused"><bdi>Boris</bdi> <small>paused</small></li>', page.text)

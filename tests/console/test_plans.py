"""The list of plans: what it counts, what needs a hand, what is searched for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.support.make import lead, paused, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker.plans import store

ACME = "/a/acme/plans"
EMPTY = '<article class="card" id="plan-empty"'


def cards(page: str) -> list[str]:
    return re.findall(r'<article class="card" id="plan-([^"]+)"', page)


def texts(page: str) -> str:
    """The page without tags, its white space as single spaces."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


async def test_a_card_has_what_the_plan_is_and_how_it_stands(site: Site, house: Office) -> None:
    """Twelve and a half per cent of 149.00 for four clients: 74.50."""
    rules = plan("june", "anna", paused("boris"), "cleo", mode="linked")
    await house.apply("acme", spec(rules, label={"text": "Webinar", "color": "#facc15"}))
    page = (await site.get(ACME, "hanna@x")).text
    card = page.partition('id="plan-june"')[2].partition("</article>")[0]
    assert "Came in 4 clients Potential $74.50 Difference between managers 2 Anna Petrova Boris paused cleo" in texts(
        "<" + card
    )
    assert 'class="chip black"' in card
    assert 'fill="#facc15"' in card
    assert "linked" in card


async def test_each_account_sees_its_own_plans(site: Site) -> None:
    assert cards((await site.get(ACME, "hanna@x")).text) == ["empty", "july", "june", "may"]
    assert cards((await site.get("/plans")).text) == ["empty", "june", "secret"]
    assert cards((await site.get("/a/initech/plans", "hanna@x")).text) == []


async def test_the_words_of_the_search_are_those_of_plan_label_or_manager(site: Site, house: Office) -> None:
    await house.apply("acme", spec(plan("july", "boris"), label={"text": "Горячие"}))
    for q, found in (
        ("JU", ["july", "june"]),
        ("petrova", ["june"]),
        ("%D0%93%D0%BE%D1%80", ["july"]),
        ("boris", ["july", "june", "may"]),
        ("%25", []),
        ("nobody", []),
    ):
        assert cards((await site.get(f"{ACME}?q={q}", "hanna@x")).text) == found, q


async def test_an_archived_plan_has_left_the_list_for_the_archive(site: Site, house: Office) -> None:
    await store.archive(house.connection, "acme", "may", changed_by="test", execute=True)
    assert cards((await site.get(ACME, "hanna@x")).text) == ["empty", "july", "june"]
    archive = (await site.get(f"{ACME}?archived=1", "hanna@x")).text
    assert cards(archive) == ["may"]
    assert "<title>Archived plans · acme · Sales plans</title>" in archive


async def test_clients_that_wait_where_nobody_is_active_come_with_the_button_that_ends_it(
    site: Site, house: Office
) -> None:
    page = texts((await site.get(ACME, "hanna@x")).text)
    assert re.search(r"1 client waits in Empty, where no manager is active. It came \d+ seconds? ago. Add", page)
    await house.edit(plan("july", paused("boris")))
    await house.refresh()
    await house.write(lead("july-8", "july"), lead("july-9", "july"))
    page = (await site.get(ACME, "hanna@x")).text
    assert "2 clients wait in July, where no manager is active." in texts(page)
    assert 'href="/a/acme/plans/july/resume?manager=boris">Resume <bdi>Boris</bdi></a>' in page


async def test_events_that_match_no_plan_are_counted_by_kind(site: Site, house: Office) -> None:
    await house.write(*(lead(f"s-{n}", "unknown-2") for n in range(20)))
    page = texts((await site.get(ACME, "hanna@x", {"cookie": "lang=ru"})).text)
    assert "21 подписка не подходит ни к одному плану." in page
    site.now = (await house.rows("select now() + interval '31 days'"))[0][0]
    assert "подписка" not in (await site.get(ACME, "hanna@x", {"cookie": "lang=ru"})).text


async def test_silence_is_told_with_its_reason_once_it_is_unusual(site: Site, house: Office) -> None:
    """Twenty-four leads within seconds, and then nothing: half an hour is still usual."""
    await house.write(*(lead(f"june-{n}", "june") for n in range(20, 40)))
    (last,) = (await house.rows("select max(assigned_at) from salesplan_api.assignments where account_id = 'acme'"))[0]
    site.now = last + timedelta(minutes=30)
    assert "unusually long" not in (await site.get(ACME, "hanna@x")).text
    site.now = last + timedelta(minutes=31)
    page = texts((await site.get(ACME, "hanna@x")).text)
    assert "The last client came 31 minutes ago. That is unusually long." in page
    assert "Clients wait in plans without an active manager, see below." in page


async def test_an_account_without_plans_has_one_sentence_and_one_button(site: Site) -> None:
    page = (await site.get("/a/initech/plans", "hanna@x")).text
    assert "A plan says which clients come in" in page
    assert "No client has come yet." in page
    assert 'type="search"' not in page


HOSTILE = ["<script>alert(1)</script>", "a\u202eb", "=1+1", '" onload="x', "'); --"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.apply("acme", spec(plan("july", text), name=text, label={"text": text[:30]}))
    page = (await site.get(f"{ACME}?q={text.replace('+', '%2B')}", "hanna@x")).text
    assert cards(page) == ["july"]
    assert "<script>alert" not in page
    assert "\u202e" not in page.replace(f'name="q" value="{text}"', "")
    assert ' onload="' not in page

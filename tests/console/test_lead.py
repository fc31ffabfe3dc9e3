"""Why a client has its managers: the same answer as `salesplan explain` gives."""

from __future__ import annotations

import html
import re

import pytest

from tests.console import test_plans
from tests.support.make import contact, lead, order, paused, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker.explain.explanation import explain
from worker.plans import store
from worker.words import english, russian

LEAD = "/a/acme/lead?id="


def texts(page: str) -> str:
    """The page as text, without tags and entities."""
    return html.unescape(test_plans.texts(page))


def candidates(page: str) -> list[tuple[str, str, str]]:
    """Each line of the tables: manager, count before, reason."""
    found = re.findall(
        r'<tr[^>]*>\s*<th scope="row">(.*?)</th>\s*<td class="number"[^>]*>(.*?)</td>\s*<td>(.*?)</td>', page
    )
    return [(texts(name), count, texts(why)) for name, count, why in found]


@pytest.mark.parametrize(("language", "words"), [("en", english), ("ru", russian)])
@pytest.mark.parametrize("lead_id", [*(f"june-{n}" for n in range(4)), *(f"may-{n}" for n in range(4)), "july-0"])
async def test_the_page_says_what_explain_says(
    site: Site, house: Office, lead_id: str, language: str, words: object
) -> None:
    """M7. No names are known here, so each sentence is the command's own, but for its capital."""
    await house.connection.execute("delete from salesplan.display_name")
    await house.edit(plan("april", "anna", "boris", mode="linked"))
    await house.refresh()
    await house.write(lead(lead_id, "april"))
    await house.connection.execute("update salesplan.plan_version set name = 'may' where name = 'May'")
    page = (await site.get(f"{LEAD}{lead_id}", "hanna@x", {"cookie": f"lang={language}"})).text
    found = await explain(house.connection, "acme", lead_id)
    expected = [
        (each.manager_id, str(each.leads), words.verdict(each.why))  # type: ignore[attr-defined]
        for made in found.decisions
        if made.recomputation
        for each in made.recomputation.candidates
    ]
    assert len(expected) >= 3
    assert [(name.split()[0], count, why.lower()) for name, count, why in candidates(page)] == [
        (name, count, why.lower()) for name, count, why in expected
    ]


async def test_names_stand_in_the_sentences(site: Site) -> None:
    page = (await site.get(f"{LEAD}june-1", "hanna@x")).text
    assert candidates(page) == [
        (
            "Anna Petrova anna chosen",
            "0",
            "Nobody active in the plan is linked to the lead, so by count: the fewest leads (0)",
        ),
        ("Boris boris", "1", "Had 1 lead, Anna Petrova had 0"),
    ]
    assert "Contacts known then none Other plans known then none" in texts(page)
    assert "/a/acme/plans/june/history?below=2" in page


async def test_what_was_known_then_and_now_is_told(site: Site) -> None:
    page = texts((await site.get(f"{LEAD}june-0", "hanna@x")).text)
    assert "Contacts known then Boris Other plans known then none" in page
    assert "Today The same: Boris. The latest of the plan's active managers to contact the lead." in page
    assert "Latest contacts BorisNov 23, 2026" in page


async def test_today_is_decided_by_the_plan_in_force(site: Site, house: Office) -> None:
    await house.edit(plan("june", "anna", paused("boris"), mode="linked"))
    page = texts((await site.get(f"{LEAD}june-0", "hanna@x")).text)
    assert "Today Another one: Anna Petrova." in page
    await house.edit(plan("june", paused("anna"), paused("boris"), mode="linked"))
    assert "Such a client would wait" in texts((await site.get(f"{LEAD}june-0", "hanna@x")).text)
    await store.archive(house.connection, "acme", "june", changed_by="test", execute=True)
    assert "The plan is archived" in texts((await site.get(f"{LEAD}june-0", "hanna@x")).text)


async def test_a_ledger_that_disagrees_is_told_in_red(site: Site, house: Office) -> None:
    assert 'class="wrong"' not in (await site.get(f"{LEAD}june-0", "hanna@x")).text
    await house.connection.execute("update salesplan.assignment set manager_id = 'anna' where lead_id = 'june-0'")
    page = (await site.get(f"{LEAD}june-0", "hanna@x")).text
    assert 'class="wrong"' in page
    assert "The rules give Boris (linked_contact), the ledger says Anna Petrova (linked_contact)" in texts(page)


async def test_a_client_that_waits_says_so(site: Site, house: Office) -> None:
    answer = await site.get(f"{LEAD}waits", "hanna@x")
    assert answer.status_code == 200
    assert "Waits in the plan Empty No manager of the plan is active." in texts(answer.text)
    await house.write(lead("second", "empty"))
    assert "1 client is ahead. It came" in texts((await site.get(f"{LEAD}second", "hanna@x")).text)


@pytest.mark.parametrize(
    "query", ["", "?id=", "?id=only-contact", "?id=g-0", "?id=stray", "?id=%00", "?id=" + "x" * 129]
)
async def test_a_client_of_no_plan_is_not_found(site: Site, house: Office, query: str) -> None:
    await house.write(contact("only-contact", "anna"))
    assert (await site.get(f"/a/acme/lead{query}", "hanna@x")).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\u202eb", '" onload="x', "../a/b", "=1+1&x"])
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.apply("acme", spec(plan("july", text, "boris", ordered=[text]), name=text))
    await house.refresh()
    await house.write(order(text, text))
    list_page = (await site.get("/a/acme/plans/july/clients", "hanna@x")).text
    link = re.findall(r'<th scope="row"><a href="([^"]*)"', list_page)[0].replace("&amp;", "&")
    answer = await site.get(link, "hanna@x")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert ' onload="' not in answer.text

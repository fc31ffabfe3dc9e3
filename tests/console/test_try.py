"""A try: the same answer as the worker's, and nothing is written."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.console.test_plans import texts
from tests.support.make import contact, lead, order, paused, plan
from tests.support.office import Office
from tests.support.site import Site
from worker.plans import store
from worker.rules.event import Event

TRY = "/a/acme/plans/june/try"


def answer(page: str) -> list[str]:
    """By plan: who would get the client."""
    return [texts(text) for text in re.findall(r'<p class="answer">(.*?)</p>', page)]


async def test_the_worker_then_does_what_the_try_has_told(site: Site, house: Office) -> None:
    """Two plans take the order. By count the second gives it to anna, but it knows that the first gave it to cleo."""
    await house.edit(
        plan("a-first", "cleo", ordered=["both"]),
        plan("b-second", "anna", "cleo", mode="linked", lgts=["bee"], ordered=["both"]),
    )
    await house.refresh()
    await house.write(contact("of-cleo", "cleo"), lead("of-cleo", "bee"), contact("known", "anna"))
    for kind, ref, event in (
        ("subscription", "june", lead("new-1", "june")),
        ("subscription", "may", lead("new-2", "may")),
        ("order", "both", order("new-3", "both")),
        ("order", "both", order("known", "both")),
    ):
        before = await house.everything()
        tried = answer((await site.get(f"{TRY}?kind={kind}&ref={ref}&lead={event.lead_id}", "hanna@x")).text)
        assert await house.everything() == before
        assert tried == [f"{name} would get the client." for name in await given_to(house, event)]


async def given_to(house: Office, event: Event) -> list[str]:
    names = {"anna": "Anna Petrova", "boris": "Boris"}
    last = len(await house.given())
    await house.write(event)
    assert len(await house.given()) > last
    lead_id = getattr(event, "lead_id", "")
    return [names.get(each.manager_id, each.manager_id) for each in await house.given() if each.lead_id == lead_id]


async def test_each_candidate_has_the_reason_for_or_against(site: Site) -> None:
    page = texts((await site.get(f"{TRY}?kind=subscription&ref=june", "hanna@x")).text)
    assert "The managers as they stand now" in page
    assert "Clients before" in page
    assert "would get the client." in page


async def test_a_client_of_the_plan_changes_nothing(site: Site, house: Office) -> None:
    page = texts((await site.get(f"{TRY}?kind=subscription&ref=june&lead=june-0", "hanna@x")).text)
    assert "The client is already in this plan, with Boris. Nothing would change." in page
    page = texts((await site.get(f"{TRY}?kind=subscription&ref=empty&lead=waits", "hanna@x")).text)
    assert "The client already waits in this plan. Nothing would change." in page
    page = texts((await site.get(f"{TRY}?kind=subscription&ref=empty&lead=new", "hanna@x")).text)
    assert "The client would wait: no manager is active. 1 client waits in this plan and goes first." in page


async def test_what_no_plan_takes_leads_to_the_choice_of_one(site: Site, house: Office) -> None:
    page = (await site.get(f"{TRY}?kind=order&ref=june", "hanna@x")).text
    assert "The plan June does not take this: order, june." in texts(page)
    assert 'href="/a/acme/unmatched?kind=order&amp;ref=june"' in page
    await store.archive(house.connection, "acme", "june", changed_by="test", execute=True)
    page = (await site.get(f"{TRY}?kind=subscription&ref=june", "hanna@x")).text
    assert answer(page) == []
    assert "This plan is archived, so no client enters it." in page


async def test_a_pause_counts_at_once(site: Site, house: Office) -> None:
    await house.edit(plan("june", "anna", paused("boris"), mode="linked"))
    assert answer((await site.get(f"{TRY}?ref=june&lead=june-new", "hanna@x")).text) == [
        "Anna Petrova would get the client."
    ]


async def test_the_form_is_there_and_keeps_what_was_typed(site: Site) -> None:
    page = (await site.get(TRY, "hanna@x")).text
    assert '<div id="answer">' not in page
    assert '<option value="june">Landing</option>' in page
    page = (await site.get(f"{TRY}?kind=paid&ref=x%22y&lead=l%20z", "hanna@x")).text
    assert '<option value="paid" selected>' in page
    assert 'value="x&#34;y"' in page
    assert 'value="l z"' in page


@pytest.mark.parametrize(
    "path", ["secret/try", "nothing/try?ref=june", "june/try?kind=x&ref=june", "june/try?ref=%00", "june/try?lead=%00"]
)
async def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert (await site.get(f"/a/acme/plans/{path}", "hanna@x")).status_code == 404


async def test_nothing_of_another_account_is_known(site: Site) -> None:
    """Globex has this client and the LGT in its own june."""
    page = texts((await site.get(f"{TRY}?ref=june&lead=g-0", "hanna@x")).text)
    assert "already" not in page
    assert "otto" not in page.casefold()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '" onload="x'])
async def test_texts_of_others_stay_texts(site: Site, text: str) -> None:
    page = (await site.get(f"{TRY}?ref={quote(text)}&lead={quote(text)}", "hanna@x")).text
    assert "<script>alert" not in page
    assert ' onload="' not in page

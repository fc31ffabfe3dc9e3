"""Clients who wait, and events without a plan."""

from __future__ import annotations

import re

import pytest

from console.pages import unmatched, waiting
from console.planform.fields import ADDED_BY
from tests.console.test_clients import listed
from tests.console.test_plans import texts
from tests.support.make import lead, order, paused, plan
from tests.support.office import Office, spec
from tests.support.site import Site
from worker.plans import store
from worker.rules.event import Trigger

ACME = "/a/acme"
UNMATCHED = f"{ACME}/unmatched"


async def test_the_next_one_is_first_and_the_button_ends_the_wait(site: Site, house: Office) -> None:
    await house.edit(plan("july", paused("boris")))
    await house.refresh()
    await house.write(lead("one", "july"), lead("two", "july"))
    page = (await site.get(f"{ACME}/plans/july/waiting", "hanna@x")).text
    assert listed(page) == ["one", "two"]
    assert "<h1>2 clients wait</h1>" in page
    assert 'href="/a/acme/plans/july/resume?manager=boris">Resume <bdi>Boris</bdi></a>' in page


async def test_a_long_queue_is_cut_and_says_so(site: Site, house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_ROWS", 2)
    await house.write(*(lead(f"w-{n}", "empty") for n in range(4)))
    page = (await site.get(f"{ACME}/plans/empty/waiting", "hanna@x")).text
    assert listed(page) == ["waits", "w-0"]
    assert "<h1>5 clients wait</h1>" in page
    assert "3 more clients wait behind these." in page


async def test_each_plan_with_waiting_clients_is_in_the_list(site: Site, house: Office) -> None:
    await house.edit(plan("july", paused("boris")))
    await house.refresh()
    await house.write(lead("one", "july"), lead("two", "july"))
    await store.archive(house.connection, "acme", "july", changed_by="test", execute=True)
    page = (await site.get(f"{ACME}/waiting", "hanna@x")).text
    assert "<h1>3 clients wait</h1>" in page
    assert re.search(
        r"Empty 1 client .* ago No manager of the plan is active. Add managers July 2 clients", texts(page)
    )
    assert "The plan is archived and gives no more clients out." in page
    assert "/july/resume" not in page
    assert "Nobody waits" in (await site.get("/a/initech/waiting", "hanna@x")).text


async def test_an_empty_queue_says_so(site: Site) -> None:
    page = (await site.get(f"{ACME}/plans/june/waiting", "hanna@x")).text
    assert "<h1>Nobody waits</h1>" in page
    for path in ("secret/waiting", "nothing/waiting"):
        assert (await site.get(f"{ACME}/plans/{path}", "hanna@x")).status_code == 404


async def test_what_matches_no_plan_is_listed_by_kind_the_latest_first(site: Site, house: Office) -> None:
    await house.write(*(lead(f"s-{n}", "unknown-2") for n in range(3)))
    await house.write(order("o", "offer-1"))
    page = (await site.get(UNMATCHED, "hanna@x")).text
    assert re.search(r"unknown-2 3 .* unknown 1 ", texts(page))
    assert "4 subscriptions match no plan." in texts(page)
    assert "offer-1" not in page
    assert re.search(r"offer-1 1 ", texts((await site.get(f"{UNMATCHED}?kind=order", "hanna@x")).text))
    assert "g-unknown" not in page


async def test_a_plan_is_two_clicks_away(site: Site, house: Office) -> None:
    await house.write(order("o", "a/b?c"))
    page = (await site.get(f"{UNMATCHED}?kind=order", "hanna@x")).text
    (choose,) = re.findall(r'<a class="button small" href="([^"]*)"', page)
    choice = (await site.get(choose.replace("&amp;", "&"), "hanna@x")).text
    assert 'href="/a/acme/plans/june/edit?ordered=a%2Fb%3Fc"><bdi>June</bdi></a>' in choice
    assert 'href="/a/acme/plans/new?ordered=a%2Fb%3Fc"' in choice
    assert "secret" not in choice


@pytest.mark.parametrize(
    ("kind", "field"),
    [("subscription", "lgt"), ("order", "ordered"), ("failed-payment", "payment_failed"), ("paid", "paid")],
)
async def test_each_kind_has_its_field_of_the_form(site: Site, kind: str, field: str) -> None:
    page = (await site.get(f"{UNMATCHED}?kind={kind}&ref=x", "hanna@x")).text
    assert f'href="/a/acme/plans/june/edit?{field}=x"' in page


async def test_a_plan_that_has_it_by_now_is_named(site: Site, house: Office) -> None:
    await house.apply("acme", spec(plan("july", "boris", lgts=["unknown"])))
    assert "now in July" in texts((await site.get(UNMATCHED, "hanna@x")).text)
    choice = texts((await site.get(f"{UNMATCHED}?kind=subscription&ref=unknown", "hanna@x")).text)
    assert "July has it already" in choice


async def test_a_long_list_is_cut_and_says_so(site: Site, house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmatched, "MOST_ROWS", 2)
    await house.write(*(lead(f"s-{n}", f"unknown-{n}") for n in range(4)))
    page = texts((await site.get(UNMATCHED, "hanna@x")).text)
    assert "3 more are not shown" in page
    assert "5 subscriptions match no plan." in page


async def test_old_ones_are_forgotten(site: Site, house: Office) -> None:
    site.now = (await house.rows("select now() + interval '31 days'"))[0][0]
    page = (await site.get(UNMATCHED, "hanna@x")).text
    assert "Everything that came in the last 30 days matched a plan." in page


@pytest.mark.parametrize("query", ["kind=x", "kind=%00", "ref=%00", "ref=" + "x" * 129])
async def test_senseless_questions_are_not_found(site: Site, query: str) -> None:
    assert (await site.get(f"{UNMATCHED}?{query}", "hanna@x")).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\u202eb", '" onload="x', "=1+1&x#y"])
async def test_texts_of_others_stay_texts(site: Site, house: Office, text: str) -> None:
    await house.write(lead(text, text), lead(text, "empty"), order("o", text))
    for path in ("unmatched", "unmatched?kind=order", "waiting", "plans/empty/waiting"):
        page = (await site.get(f"{ACME}/{path}", "hanna@x")).text
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert ' onload="' not in page


def test_each_kind_is_asked_for() -> None:
    assert set(ADDED_BY) == set(Trigger)

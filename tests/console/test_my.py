"""A manager's own pages: his plans and clients, and nothing of anybody else."""

from __future__ import annotations

import re

import pytest

from console import client_file
from tests.console.test_clients import listed, rows
from tests.console.test_plans import texts
from tests.support.make import lead, paused, plan
from tests.support.office import Office
from tests.support.site import Site

BORIS, ANNA = "boris@x", "anna@x"
ANNAS = ("june-1", "june-3", "may-1", "may-3", "Anna Petrova", "anna")


async def test_his_plans_count_his_own_clients(site: Site) -> None:
    page = texts((await site.get("/my", BORIS)).text)
    assert "Boris: 8 clients" in page
    assert re.findall(r"(\w+) you get clients Yours (\d+ clients) Their potential (\S+)", page) == [
        ("July", "4 clients", "$74.50"),
        ("June", "2 clients", "$37.25"),
        ("May", "2 clients", "$37.25"),
    ]


async def test_a_plan_that_he_was_taken_out_of_stays_and_says_so(site: Site) -> None:
    page = texts((await site.get("/a/acme/my", ANNA)).text)
    assert "May you are no longer in this plan Yours 2 clients" in page
    assert listed((await site.get("/a/acme/my/may", ANNA)).text) == ["may-3", "may-1"]


async def test_a_pause_is_told(site: Site, house: Office) -> None:
    await house.edit(plan("july", paused("boris")))
    assert "July you are paused" in texts((await site.get("/my", BORIS)).text)
    assert "You are paused" in (await site.get("/my/july", BORIS)).text


async def test_each_client_says_why_it_is_his(site: Site) -> None:
    page = (await site.get("/my/june", BORIS)).text
    assert listed(page) == ["june-2", "june-0"]
    assert "<h1><bdi>June</bdi>: 2 clients</h1>" in page
    assert "june-2 fewest clients then: your turn subscription: Landing none yet" in texts(page)
    assert re.search("june-0 you were in contact with the client: .* subscription: Landing", texts(page))


async def test_a_client_tells_its_plans_with_him(site: Site) -> None:
    page = (await site.get("/lead?id=june-0", BORIS)).text
    assert "<h1>Why <bdi>june-0</bdi> is your client</h1>" in page
    assert "you were in contact with the client" in page


@pytest.mark.parametrize("path", ["/my", "/my/june", "/my/may", "/my/june.csv", "/lead?id=june-0"])
async def test_nobody_else_is_named(site: Site, path: str) -> None:
    """Neither colleagues nor their clients, and no number of the whole plan."""
    page = (await site.get(path, BORIS)).text
    for other in ANNAS:
        assert not re.search(rf"\b{other}\b", page), other


@pytest.mark.parametrize(
    "path",
    [
        *("/my/secret", "/my/secret.csv", "/my/empty", "/my/nothing", "/my/june?below=%00"),
        *("/lead?id=june-1", "/lead?id=g-0", "/lead?id=waits", "/lead", "/lead?id=", "/lead?id=%00"),
        *("/plans", "/plans/june/clients"),
    ],
)
async def test_what_is_not_his_is_not_found(site: Site, path: str) -> None:
    assert (await site.get(path, BORIS)).status_code == 404


async def test_a_head_has_no_clients_of_his_own(site: Site) -> None:
    for path in ("/my", "/my/june", "/my/june.csv"):
        assert (await site.get(path, "hugo@x")).status_code == 404


async def test_pages_follow_each_other_without_gap_or_repeat(site: Site, house: Office) -> None:
    await house.write(*(lead(f"new-{number:02}", "july") for number in range(60)))
    first = (await site.get("/my/july", BORIS)).text
    assert listed(first) == [f"new-{number:02}" for number in range(59, 9, -1)]
    (older,) = re.findall(r'href="([^"]*below=[^"]*)"', first)
    assert older == "/my/july?below=new-10"
    second = (await site.get(older, BORIS)).text
    assert listed(second) == [*(f"new-{n:02}" for n in range(9, -1, -1)), *(f"july-{n}" for n in (3, 2, 1, 0))]
    assert "There are no older ones." in (await site.get("/my/july?below=june-1", BORIS)).text  # a client of another's


async def test_the_file_has_all_his_clients_and_no_formula(site: Site, house: Office) -> None:
    await house.write(lead("=1+1", "july"), *(lead(f"new-{number:03}", "july") for number in range(420)))
    found = await site.get("/my/july.csv", BORIS)
    assert found.headers["content-disposition"] == 'attachment; filename="clients-july.csv"'
    assert rows(found.text) == [
        "Client",
        *(f"new-{number:03}" for number in range(419, -1, -1)),
        "'=1+1",
        *(f"july-{number}" for number in (3, 2, 1, 0)),
    ]


async def test_a_long_file_ends_and_says_how_to_go_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_file, "MOST_ROWS", 3)
    found = rows((await site.get("/my/july.csv", BORIS)).text)
    assert found[:4] == ["Client", "july-3", "july-2", "july-1"]
    assert len(found) == 5
    assert "below=july-1" in (await site.get("/my/july.csv", BORIS)).text


async def test_the_file_in_russian_is_one_that_a_spreadsheet_opens(site: Site) -> None:
    text = (await site.get("/my/june.csv", BORIS, {"cookie": "lang=ru"})).text
    assert text.startswith("\ufeffКлиент;")  # noqa: RUF001 -- Russian
    assert "клиентов меньше всего: ваша очередь" in text

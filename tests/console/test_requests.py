"""Every request meets these: headers of every answer, another site's forms, limits of forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from console.errors import N_, Refusal, Refusing
from console.form import MOST_BYTES
from console.page import Answer, Call, OpenPage, Shown
from tests.support.logins import Login
from tests.support.site import FORM, HOST, OWN, USER_HEADER, Site, opened

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
RU = [("lang", "ru"), ("back", "/plans")]


async def echo(call: Call) -> Answer:
    """Shows the fields as the page of an error does."""
    return Shown("error.html", Refusing(Refusal(200, N_("Echo"), ""), tuple(call.form)))


async def fail(_: Call) -> Answer:
    raise ZeroDivisionError("words of a row")


PAGES = (OpenPage("/echo", post=echo), OpenPage("/fail", get=fail, post=fail))


async def test_every_answer_has_the_headers(site: Site, head_login: Login, console_login: Login) -> None:
    answers = [
        *[await site.get(path) for path in ("/", "/plans", "/nowhere", "/language")],
        await site.get("/plans", None),
        await site.get("/", "nobody"),
        await site.post("/language", RU),
        await site.post("/language", RU, headers={"sec-fetch-site": "cross-site"}),
    ]
    async with opened(head_login.dsn, console_login.dsn, PAGES) as broken:
        answers.append(await broken.get("/fail"))
    assert [answer.status_code for answer in answers] == [303, 200, 404, 405, 401, 403, 303, 403, 500]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url


async def test_the_page_has_nothing_inline(site: Site) -> None:
    page = (await site.get("/plans")).text
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"<[^>]* on\w+=", page)
    assert page.count("<script") == 1
    assert "></script>" in page


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OWN, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://sales.test"}, 403),
        ({"origin": "http://sales.test"}, 303),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "http://sales.test.evil.test"}, 403),
        ({"origin": "http://[evil"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_the_sites_own_pages_change_anything(site: Site, headers: dict[str, str], status: int) -> None:
    assert (await site.post("/language", RU, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"a=" + b"x" * (MOST_BYTES - 2), {}, 200),
        (b"a=" + b"x" * (MOST_BYTES - 1), {}, 413),
        (b"&".join([b"a=1"] * 500), {}, 200),
        (b"&".join([b"a=1"] * 501), {}, 413),
        (b"a=%FF", {}, 400),
        (b"a=\xff", {}, 400),
        (b"a=%00", {}, 400),
        (b"a=%D1%8F", {}, 200),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}, 200),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded; charset=koi8-r"}, 415),
        (b"{}", {"content-type": "application/json"}, 415),
        (b"a=1", {"content-type": "multipart/form-data; boundary=x"}, 415),
        (b"a=1", {"content-type": ""}, 415),
    ],
)
async def test_forms_have_limits(
    head_login: Login, console_login: Login, body: bytes, headers: dict[str, str], status: int
) -> None:
    async with opened(head_login.dsn, console_login.dsn, PAGES) as site:
        assert (await site.post("/echo", body, headers={**OWN, **headers})).status_code == status


async def test_a_form_of_unknown_length_has_the_same_limit(head_login: Login, console_login: Login) -> None:
    """It is not read any further than that."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * MOST_BYTES:
            sent += 10_000
            yield b"x" * 10_000

    headers = {**OWN, "content-type": FORM, USER_HEADER: "hugo@x"}
    async with opened(head_login.dsn, console_login.dsn, PAGES) as site:
        found = await site.send(httpx2.Request("POST", f"http://{HOST}/echo", headers=headers, content=endless()))
    assert (found.status_code, sent) == (413, MOST_BYTES + 10_000)


async def test_a_form_is_kept_as_it_was_typed_where_the_page_fails(head_login: Login, console_login: Login) -> None:
    """Also where the sign-in has run out. Another site's form is not kept: one click more would send it."""
    typed = [("name", "<b>"), ("lgts", "one\ntwo")]
    async with opened(head_login.dsn, console_login.dsn, PAGES) as site:
        failed, signed_out = await site.post("/fail", typed), await site.post("/fail", typed, None)
        foreign = await site.post("/fail", typed, headers={"sec-fetch-site": "cross-site"})
    assert (failed.status_code, signed_out.status_code, foreign.status_code) == (500, 401, 403)
    for page in (failed.text, signed_out.text):
        assert "&lt;b&gt;</textarea>" in page
        assert "\none\ntwo</textarea>" in page
        assert "words of a row" not in page
        assert 'action="/language"' not in page  # to choose a language would lose what was typed
    assert "&lt;b&gt;" not in foreign.text


async def test_paths_that_are_no_pages_are_404_and_other_methods_405(site: Site) -> None:
    for path in (
        "/plans/",
        "/plan",
        "/a/globex",
        "/a//plans",
        "/static/x/console.css",
        "/%FF",
        "/plans%00",
        "/%2e%2e/plans",
    ):
        assert (await site.get(path)).status_code == 404, path
    assert (await site.post("/plans")).status_code == 405


async def test_the_metrics_count_routes_and_never_ids(site: Site) -> None:
    await site.get("/a/canary/plans?q=canary")
    await site.get("/canary")
    text = site.metrics.text("")[0].decode()
    assert 'salesplan_console_requests_total{route="/plans",status="404"} 1.0' in text
    assert 'salesplan_console_requests_total{route="_none",status="404"} 1.0' in text
    assert 'salesplan_console_database_seconds_count{login="heads"}' in text
    assert "canary" not in text

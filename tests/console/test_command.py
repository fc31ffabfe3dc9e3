"""`salesplan console`: what it refuses to start with, how it ends, and what it answers on both ports."""

from __future__ import annotations

import asyncio
import re
import signal
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.support.console_process import HEADS, MANAGERS, PROXIES, ended, given, started
from tests.support.logins import Login


async def test_it_serves_pages_and_probes_until_sigterm(head_login: Login, console_login: Login) -> None:
    environment = given(head_login.dsn, console_login.dsn)
    async with started("--as", "hugo@x", environment=environment) as console, httpx2.AsyncClient() as client:
        page = await client.get(f"{console.pages}/plans")
        assert (page.status_code, "Secret" in page.text) == (200, True)
        foreign = await client.get(f"{console.pages}/plans", headers={"host": "evil.test"})
        assert foreign.status_code == 400
        assert (await client.get(f"{console.probes}/livez")).text == "ok\n"
        ready = await client.get(f"{console.probes}/readyz?verbose")
        assert ready.text == "[+]heads_database ok\n[+]managers_database ok\nready\n"
        metrics = (await client.get(f"{console.probes}/metrics")).text
        assert 'salesplan_console_requests_total{route="/plans",status="200"} 1.0' in metrics
        assert 'salesplan_ready{check="heads_database"} 1.0' in metrics
        assert (await client.get(f"{console.probes}/version")).json()["version"]
        console.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await console.process.wait() == 0


async def test_style_and_script_are_compressed_and_small(head_login: Login, console_login: Login) -> None:
    environment = given(head_login.dsn, console_login.dsn)
    async with started("--as", "hugo@x", environment=environment) as console, httpx2.AsyncClient() as client:
        page = (await client.get(f"{console.pages}/plans")).text
        sizes = 0
        for address in re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page):
            file = await client.get(console.pages + address)
            assert file.headers["content-encoding"] == "gzip"
            assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
            sizes += int(file.headers["content-length"])
    assert 0 < sizes < 12_000


async def test_while_the_database_is_away_pages_say_so_and_probes_too(database_url: str) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    async with started("--as", "hugo@x", environment=given(away, away)) as console, httpx2.AsyncClient() as client:
        page = await client.get(f"{console.pages}/plans")
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        ready = await client.get(f"{console.probes}/readyz?verbose")
        assert (ready.status_code, ready.text) == (
            503,
            "[-]heads_database failed\n[-]managers_database failed\nnot ready\n",
        )
        assert (await client.get(f"{console.probes}/livez")).status_code == 200


@pytest.mark.parametrize(
    ("words", "variables", "named"),
    [
        ((), {}, {PROXIES}),
        ((), {HEADS: "", MANAGERS: "", PROXIES: "10.0.0.7"}, {HEADS, MANAGERS}),
        ((), {PROXIES: "proxy.local"}, {PROXIES}),
        ((), {PROXIES: "10.0.0.7", HEADS: "mysql://x/y"}, {HEADS}),
        ((), {PROXIES: "10.0.0.7", "SALESPLAN_CONSOLE__TIMEZONE": "Moscow"}, {"SALESPLAN_CONSOLE__TIMEZONE"}),
        (("--as", "x"), {"SALESPLAN_CONSOLE__HOST": "10.0.0.1"}, {"SALESPLAN_CONSOLE__HOST"}),
        (("--as", "x"), {"SALESPLAN_CONSOLE__HOST": "::"}, {"SALESPLAN_CONSOLE__HOST"}),
        (("--as", "x"), {"SALESPLAN_CONSOLE__HOST": "example.com"}, {"SALESPLAN_CONSOLE__HOST"}),
    ],
)
async def test_settings_that_can_not_be_used_are_named(
    words: tuple[str, ...], variables: dict[str, str], named: set[str]
) -> None:
    found = await ended(*words, environment=given("postgresql://u@h/d", "postgresql://u@h/d", **variables))
    assert found.code == 78
    assert {line.partition(":")[0] for line in found.stderr.splitlines()[1:]} == named


async def test_an_unfit_login_ends_it_with_78(head_login: Login, console_login: Login, database_url: str) -> None:
    """The owner's: nobody must develop with it."""
    for heads, managers in ((database_url, console_login.dsn), (head_login.dsn, database_url)):
        found = await ended("--as", "x", environment=given(heads, managers))
        assert found.code == 78
        assert "is a superuser" in found.stderr


async def test_a_database_that_is_not_migrated_ends_it(
    head_login: Login, console_login: Login, empty_database: str
) -> None:
    name = urlsplit(empty_database).path
    heads, managers = (urlsplit(each.dsn)._replace(path=name).geturl() for each in (head_login, console_login))
    found = await ended("--as", "x", environment=given(heads, managers))
    assert (found.code, "run salesplan migrate" in found.stderr) == (75, True)

"""A header of a trusted proxy signs a user in, and nothing else does."""

from __future__ import annotations

import httpx2
import pytest

from tests.support.logins import Login
from tests.support.site import HOST, PROXY, USER_HEADER, Site, opened


async def test_the_proxys_user_is_signed_in(site: Site) -> None:
    found = await site.get("/plans")
    assert (found.status_code, "hugo@x" in found.text) == (200, True)


async def test_without_a_user_or_from_another_address_nobody_is(site: Site) -> None:
    for user, peer in ((None, PROXY), ("", PROXY), ("hugo@x", "10.0.0.8"), ("hugo@x", "unix"), ("hugo@x", "127.0.0.1")):
        found = await site.get("/plans", user, peer=peer)
        assert (found.status_code, "secret" in found.text) == (401, False), (user, peer)


async def test_an_address_of_the_proxy_that_comes_over_ipv6_is_its_own(site: Site) -> None:
    assert (await site.get("/plans", peer=f"::ffff:{PROXY}")).status_code == 200


async def test_two_users_are_refused(site: Site) -> None:
    twice = [(USER_HEADER, "hugo@x"), (USER_HEADER, "hanna@x")]
    found = await site.send(httpx2.Request("GET", f"http://{HOST}/plans", headers=twice))
    assert found.status_code == 400


async def test_a_user_in_any_script_is_one(site: Site) -> None:
    """The proxy sends UTF-8; other bytes are nobody's name."""
    named = httpx2.Request("GET", f"http://{HOST}/", headers={USER_HEADER.encode(): "анна".encode()})
    found = await site.send(named)
    assert (found.status_code, "анна" in found.text) == (403, True)
    broken = httpx2.Request("GET", f"http://{HOST}/", headers={USER_HEADER.encode(): b"\xff"})
    assert (await site.send(broken)).status_code == 400


@pytest.mark.parametrize(("secret", "status"), [("open", 200), ("opem", 401), ("", 401), (None, 401)])
async def test_where_a_secret_is_set_the_proxy_has_to_know_it(
    head_login: Login, console_login: Login, secret: str | None, status: int
) -> None:
    async with opened(head_login.dsn, console_login.dsn, proxy_secret="open") as site:  # noqa: S106
        headers = {"x-proxy-secret": secret} if secret is not None else None
        assert (await site.get("/plans", headers=headers)).status_code == status


async def test_another_header_can_name_the_user(head_login: Login, console_login: Login) -> None:
    async with opened(head_login.dsn, console_login.dsn, user_header="X-Auth-Email") as site:
        assert (await site.get("/plans")).status_code == 401
        assert (await site.get("/plans", None, {"x-auth-email": "hugo@x"})).status_code == 200

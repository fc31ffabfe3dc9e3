"""Where a user is led, and which accounts open to him."""

from __future__ import annotations

import pytest

from tests.support.office import Office
from tests.support.site import Site


@pytest.mark.parametrize(
    ("user", "status", "where"),
    [
        ("hugo@x", 303, "/plans"),
        ("boris@x", 303, "/my"),
        ("hanna@x", 303, "/accounts"),
        ("anna@x", 303, "/accounts"),
        ("nobody", 403, None),
    ],
)
async def test_the_start_leads_to_the_users_pages(site: Site, user: str, status: int, where: str | None) -> None:
    found = await site.get("/", user)
    assert (found.status_code, found.headers.get("location")) == (status, where)


async def test_a_user_in_no_account_is_told_whom_to_ask_there_alone(site: Site) -> None:
    assert "salesplan people add nobody" in (await site.get("/", "nobody")).text
    for path in ("/accounts", "/plans", "/a/acme/plans"):
        assert (await site.get(path, "nobody")).status_code == 404


async def test_several_accounts_are_there_to_choose_from(site: Site) -> None:
    page = (await site.get("/accounts", "hanna@x")).text
    assert 'href="/a/acme/plans"' in page
    assert 'href="/a/initech/plans"' in page
    assert "globex" not in page
    assert (await site.get("/plans", "hanna@x")).headers["location"] == "/accounts"


async def test_a_user_of_both_kinds_gets_the_right_pages_of_each(site: Site, house: Office) -> None:
    await house.connection.execute("insert into salesplan.person values ('hugo@x', 'a/b ü', 'manager', 'hugo')")
    page = (await site.get("/accounts")).text
    assert 'href="/a/globex/plans"' in page
    assert 'href="/a/a%2Fb%20%C3%BC/my"' in page


async def test_an_account_opens_to_its_people_alone(site: Site) -> None:
    for user, account, status in (
        ("hanna@x", "acme", 200),
        ("hanna@x", "globex", 404),
        ("hugo@x", "globex", 200),
        ("hugo@x", "acme", 404),
        ("anna@x", "acme", 404),  # a manager there
        ("hanna@x", "nowhere", 404),
        ("hanna@x", "", 404),
    ):
        found = await site.get(f"/a/{account}/plans", user)
        assert (found.status_code, "June" in found.text) == (status, status == 200), (user, account)


async def test_an_account_with_a_slash_opens_by_its_encoded_id(site: Site, house: Office) -> None:
    await house.connection.execute("insert into salesplan.person values ('hanna@x', 'a/b <i>', 'head', null)")
    found = await site.get("/a/a%2Fb%20%3Ci%3E/plans", "hanna@x")
    assert found.status_code == 200
    assert "<bdi>a/b &lt;i&gt;</bdi>" in found.text
    assert 'href="/a/a%2Fb%20%3Ci%3E/plans/new"' in found.text

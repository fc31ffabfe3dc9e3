"""Every page and state at every width, in both schemes and languages. `PICTURES=folder` keeps pictures to look at."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import Browser

from tests.console.browser.conftest import Console
from tests.console.browser.looks import LANGUAGES, SCHEMES, looked_at, page_of

# By name: the user, and the path.
STATES = {
    "plans": ("head@sales.example", "/plans"),
    "archived": ("head@sales.example", "/plans?archived=1"),
    "search": ("head@sales.example", "/plans?q=nothing"),
    "clients": ("head@sales.example", "/plans/june/clients"),
    "clients-of": ("head@sales.example", "/plans/again/clients?manager=manager-00"),
    "clients-strange": ("head@sales.example", "/plans/strange/clients"),
    "lead": ("head@sales.example", "/lead?id=c-5"),
    "lead-waits": ("head@sales.example", "/lead?id=n-3"),
    "lead-many": ("head@sales.example", "/lead?id=a-1200"),
    "waiting": ("head@sales.example", "/waiting"),
    "queue": ("head@sales.example", "/plans/night/waiting"),
    "queue-empty": ("head@sales.example", "/plans/june/waiting"),
    "unmatched": ("head@sales.example", "/unmatched"),
    "unmatched-plan": ("head@sales.example", "/unmatched?kind=subscription&ref=landing-9"),
    "history": ("head@sales.example", "/plans/consultation/history"),
    "try": ("head@sales.example", "/plans/consultation/try"),
    "tried": ("head@sales.example", "/plans/consultation/try?kind=subscription&ref=consultation&lead=c-new"),
    "tried-none": ("head@sales.example", "/plans/june/try?kind=order&ref=offer-7"),
    "plan": ("head@sales.example", "/plans/june"),
    "plan-wide": ("head@sales.example", "/plans/again"),
    "plan-stuck": ("head@sales.example", "/plans/night?days=7"),
    "plan-strange": ("head@sales.example", "/plans/strange"),
    "plan-archived": ("head@sales.example", "/plans/old"),
    "pause": ("head@sales.example", "/plans/june/pause?manager=anna"),
    "resume": ("head@sales.example", "/plans/june/resume?manager=cleo"),
    "archive": ("head@sales.example", "/plans/night/archive"),
    "managers": ("head@sales.example", "/managers"),
    "managers-none": ("head@empty.example", "/managers"),
    "empty": ("head@empty.example", "/plans"),
    "plan-new": ("head@sales.example", "/plans/new"),
    "plan-copy": ("head@sales.example", "/plans/new?copy=again"),
    "plan-edit": ("head@sales.example", "/plans/june/edit?lgt=landing-9"),
    "plan-edit-strange": ("head@sales.example", "/plans/strange/edit"),
    "accounts": ("head@two.example", "/accounts"),
    "prefix": ("head@two.example", "/a/acme/plans?q=june"),
    "nobody": ("nobody@sales.example", "/"),
    "not-found": ("head@sales.example", "/nowhere"),
}


@pytest.mark.parametrize("user", sorted({user for user, _ in STATES.values()}))
async def test_every_page_fits_and_can_be_read(browser: Browser, console: Console, user: str) -> None:
    found: dict[str, list[str]] = {}
    async with console(user) as process:
        for scheme, language in product(SCHEMES, LANGUAGES):
            async with page_of(browser, language=language, scheme=scheme) as page:
                for name, path in ((name, path) for name, (whose, path) in STATES.items() if whose == user):
                    await page.goto(process.pages + path)
                    found |= await looked_at(page, f"{name}-{scheme}-{language}")
    assert found == {}

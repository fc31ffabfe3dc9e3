"""Every page and state at every width, in both schemes and languages. `PICTURES=folder` keeps pictures to look at."""

from __future__ import annotations

import os
from itertools import product

import pytest
from playwright.async_api import Browser, Page

from tests.console.browser.conftest import Console
from tests.console.browser.looks import LANGUAGES, SCHEMES, WIDTHS, overflow, page_of, violations

AXE_WIDTHS = (320, 1280)  # the layouts that differ
PICTURES = os.environ.get("PICTURES")

# By name: the user, and the path.
STATES = {
    "plans": ("head@sales.example", "/plans"),
    "archived": ("head@sales.example", "/plans?archived=1"),
    "search": ("head@sales.example", "/plans?q=nothing"),
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


async def looked_at(page: Page, name: str) -> dict[str, list[str]]:
    """The page's faults at each width, where there are any."""
    found: dict[str, list[str]] = {}
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        wrong = await overflow(page) + (await violations(page) if width in AXE_WIDTHS else [])
        if wrong:
            found[f"{name}-{width}"] = wrong
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
    return found

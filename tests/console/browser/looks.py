"""The checks of every page: nothing overflows, axe finds nothing, the browser's console is empty."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

AXE_WIDTHS = (320, 1280)  # the layouts that differ
PICTURES = os.environ.get("PICTURES")
WIDTHS = (320, 360, 768, 1280)
LANGUAGES = ("en", "ru")
Scheme: TypeAlias = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

ANSWERED = "Failed to load resource: the server responded with a status of"  # as it says of each page of an error
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@asynccontextmanager
async def page_of(
    browser: Browser, *, width: int = 1280, language: str = "en", scheme: Scheme = "light", **more: Any
) -> AsyncIterator[Page]:
    """A page of a browser that asks for this language and scheme. At its end its console must be empty."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme, **more
    )
    said: list[str] = []
    page = await context.new_page()
    page.on("console", lambda message: said.append(f"{message.text} {message.location.get('url')}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        await context.close()
    if wrong := [line for line in said if not line.startswith(ANSWERED)]:
        raise AssertionError(f"the browser's console is not empty: {wrong}")


async def overflow(page: Page) -> list[str]:
    """Says so where the page is wider than the window."""
    wider = await page.evaluate(OVERFLOW)
    return [f"wider than the window by {wider}"] if wider > 0 else []


async def violations(page: Page) -> list[str]:
    """The violations that axe finds."""
    found = await Axe().run(page)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


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

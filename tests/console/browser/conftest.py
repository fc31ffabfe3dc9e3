"""Chromium of the system, and a console of its own. `make test-browser` runs this folder in a process of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from playwright.async_api import Browser, Error, async_playwright

from tests.console.browser.lively import lively
from tests.support.console_process import Started, given, started
from tests.support.logins import login
from tests.support.office import Office

__all__ = ["browser", "console", "lively"]

CHROMIUM = "/usr/bin/chromium"
REQUIRED = "TEST_BROWSER_REQUIRED"  # set: tests fail where there is no browser
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]

Console = Callable[[str], AbstractAsyncContextManager[Started]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Skips the test, with the reason, where no chromium answers."""
    async with async_playwright() as playwright:
        try:
            opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            if os.environ.get(REQUIRED):
                raise
            known = shutil.which(CHROMIUM)
            pytest.skip(f"chromium does not start: {error}" if known else f"no {CHROMIUM}: apt-get install chromium")
        yield opened
        await opened.close()


@pytest.fixture
async def console(lively: Office, database_url: str) -> AsyncIterator[Console]:
    """Starts a console that signs everybody in as this user; its numbers are renewed each half second."""
    async with login(database_url, "salesplan_head") as heads, login(database_url, "salesplan_console") as managers:

        @asynccontextmanager
        async def start(user: str) -> AsyncIterator[Started]:
            environment = given(heads.dsn, managers.dsn, SALESPLAN_CONSOLE__REFRESH_SECONDS="0.5")
            async with started("--as", user, environment=environment) as process:
                yield process

        yield start

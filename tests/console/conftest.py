"""A site for acme, globex and initech, on real Postgres and both logins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from console import database
from console.database import Databases
from console.metrics import ALL
from tests.db.conftest import console_login, head_login, house
from tests.support.logins import Login
from tests.support.site import Site, opened
from worker.metrics import Metrics
from worker.settings import Settings

__all__ = ["console_login", "databases", "head_login", "house", "site"]


@pytest.fixture
async def site(head_login: Login, console_login: Login) -> AsyncIterator[Site]:
    async with opened(head_login.dsn, console_login.dsn) as site:
        yield site


@pytest.fixture
async def databases(head_login: Login, console_login: Login) -> AsyncIterator[Databases]:
    urls = {"heads_database_url": head_login.dsn, "managers_database_url": console_login.dsn}
    async with database.opened(Settings.model_validate({"console": urls}), Metrics(ALL)) as databases:
        yield databases

"""A site for acme, globex and initech, on real Postgres and both logins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.db.conftest import console_login, head_login, house, office
from tests.support.logins import Login
from tests.support.site import Site, opened

__all__ = ["console_login", "head_login", "house", "office", "site"]


@pytest.fixture
async def site(head_login: Login, console_login: Login) -> AsyncIterator[Site]:
    async with opened(head_login.dsn, console_login.dsn) as site:
        yield site

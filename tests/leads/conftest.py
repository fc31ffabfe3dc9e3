from collections.abc import AsyncIterator

import pytest

from tests.support.office import Office


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with Office.open(database_url) as opened:
        yield opened

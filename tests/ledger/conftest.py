from collections.abc import AsyncIterator

import pytest

from tests.support.office import Office
from worker.postgres import BATCH_SETTINGS


@pytest.fixture
async def fast_office(database_url: str) -> AsyncIterator[Office]:
    """One that does not wait for the disk: for many small transactions."""
    async with Office.open(database_url, settings={**BATCH_SETTINGS, "synchronous_commit": "off"}) as opened:
        yield opened

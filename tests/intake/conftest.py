"""The gate of these tests."""

from collections.abc import AsyncIterator

import pytest

from tests.intake.gate import FakeConsumer, Gate
from worker import postgres
from worker.intake.poll import Intake


@pytest.fixture
async def gate(database_url: str) -> AsyncIterator[Gate]:
    consumer = FakeConsumer()
    intake = Intake(consumer, "a-group", max_batch=3)
    await intake.start()
    async with postgres.pool(database_url, application_name="test", size=2) as pool:
        yield Gate(consumer, intake, pool)

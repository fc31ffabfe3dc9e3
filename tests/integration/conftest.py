from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.environment import environment
from tests.integration.stage import Stage, opened
from tests.servers import KafkaServer


@pytest.fixture
async def stage(database_url: str, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on the servers of the session."""
    names = environment(database_url, kafka_server.bootstrap_servers)
    async with opened(names, tmp_path) as stage:
        yield stage

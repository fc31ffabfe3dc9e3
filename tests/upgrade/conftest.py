"""A stage that the release before this one has set up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.stage.environment import environment
from tests.stage.stage import Stage
from tests.stage.upstream import ACME, GLOBEX
from tests.support.servers import KafkaServer

Environment = Mapping[str, str]


@pytest.fixture
async def stage(
    empty_database: str, kafka_server: KafkaServer, before: Environment, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A stage whose database, topics and plans are those of the release before."""
    stage = Stage(environment(empty_database, kafka_server.bootstrap_servers), tmp_path)
    try:
        await run(stage, "migrate", **before)
        await run(stage, "topics", "create", **before)
        for plans in (ACME, GLOBEX):
            file = tmp_path / "plans.yaml"
            file.write_text(plans, encoding="utf-8")
            await run(stage, "plans", "apply", str(file), "--execute", **before)
        yield stage
    finally:
        stage.clear()


async def run(stage: Stage, *words: str, **more: str) -> None:
    """Run ``salesplan`` with these words; it must succeed."""
    result = await stage.command(*words, **more)
    assert result.code == 0, f"{words}: {result.err}"

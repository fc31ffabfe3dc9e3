"""Brokers that allow groups less than the workers ask for: told in one line with the setting, and ever more rarely."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage.environment import environment
from tests.stage.stage import opened
from worker.embedded import Kafka, scratch_folder

BOUNDS = {
    "sessions are to be shorter": (
        "group.max.session.timeout.ms=6000",
        1,
        "group.max.session.timeout.ms to 10000 or more in every broker's configuration",
    ),
    "sessions are to be longer": (
        "group.min.session.timeout.ms=15000",
        1,
        "set group.min.session.timeout.ms to 10000 or less",
    ),
    "the group is full": ("group.max.size=1", 2, "the brokers' setting group.max.size allows"),
}
MOST_SESSIONS = 9  # until the line is told again after ten seconds: their pauses double, up to 15 s


@pytest.fixture
def bounded(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    with scratch_folder() as folder:
        broker = Kafka.start(folder / "kafka", heap_mb=256, more=f"{request.param}\n")
        yield broker
        broker.kill()


@pytest.mark.parametrize(
    ("bounded", "count", "expected"),
    BOUNDS.values(),
    indirect=["bounded"],
    ids=[name.replace(" ", "-") for name in BOUNDS],
)
async def test_p36_bounds_on_groups_are_named(
    database_url: str, bounded: Kafka, count: int, expected: str, tmp_path: Path
) -> None:
    async with opened(environment(database_url, bounded.bootstrap_servers), tmp_path) as stage:
        workers = [stage.start() for _ in range(count)]

        async def told_again() -> bool:
            return any("repeated" in line for worker in workers for line in worker.logged("kafka_refuses"))

        await stage.until("a worker tells why it can't join, and tells it again", told_again)
        refused = next(worker for worker in workers if worker.logged("kafka_refuses"))
        first, second = refused.logged("kafka_refuses")
        assert expected in first["why"]
        assert second["why"] == first["why"]
        assert len(refused.logged("session")) <= MOST_SESSIONS
        assert len(refused.logged("session_over")) <= 2
        assert (await refused.probe("/livez"), await refused.probe("/readyz")) == (200, 503)

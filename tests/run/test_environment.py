"""Variables that are for other programs, and that libraries of the worker would read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stage.environment import no_servers
from tests.stage.workers import WorkerProcess

NAMES = no_servers()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_CONCURRENCY", "auto"),
        ("WEB_CONCURRENCY", "4"),
        ("FORWARDED_ALLOW_IPS", "*, nonsense"),
        ("PROMETHEUS_MULTIPROC_DIR", "/nonexistent"),
        ("prometheus_multiproc_dir", "/nonexistent"),
        ("HOME", "/nonexistent"),
        ("TMPDIR", "/nonexistent"),
    ],
)
async def test_they_change_nothing(tmp_path: Path, name: str, value: str) -> None:
    """It lives, has its metrics, and ends as it should."""
    worker = WorkerProcess(0, tmp_path, {**NAMES, name: value})
    try:
        while not await worker.probe("/livez"):
            assert worker.alive, worker.tail()
        assert (await worker.metrics()).value("process_start_time_seconds") > 0
        await worker.stop()
    finally:
        worker.kill()


async def test_metrics_are_no_files(tmp_path: Path) -> None:
    """They would have to be cleared away, and would fail with their disk."""
    values = tmp_path / "values"
    values.mkdir()
    worker = WorkerProcess(0, tmp_path, {**NAMES, "PROMETHEUS_MULTIPROC_DIR": str(values)})
    try:
        while not await worker.probe("/livez"):
            assert worker.alive, worker.tail()
        assert list(values.iterdir()) == []
    finally:
        worker.kill()

"""The monkey of `make soak`, for as long as a test may take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.soak import ending
from tests.faults.soak.__main__ import main
from tests.faults.soak.scene import Scene

TAMPER = """
    update salesplan.plan_counter set last_seq = last_seq + 1
    where plan_no = (select min(plan_no) from salesplan.assignment)
"""


def test_soak_ends_without_violations(tmp_path: Path) -> None:
    """Faults strike one after the other, and what they leave is whole."""
    path = tmp_path / "soak.json"
    words = ["--seconds", "30", "--seed", "5", "--rate", "200", "--workers", "2", "--json", str(path)]
    assert main(words) == 0
    found = json.loads(path.read_text())
    assert found["events"]["sent"] == found["events"]["events"] >= 2000
    assert found["wire"]["repeated for read_committed readers"] == 0
    assert sum(kind["number"] for kind in found["faults"].values()) >= 1


def test_soak_fails_where_an_invariant_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A counter that is not what the ledger holds: both judges tell, and the exit code is 1."""
    stop = ending.stop

    async def stop_and_tamper(scene: Scene) -> None:
        await stop(scene)
        await scene.stage.ask(TAMPER)

    monkeypatch.setattr(ending, "stop", stop_and_tamper)
    assert main(["--seconds", "1", "--seed", "6", "--rate", "200", "--workers", "1"]) == 1
    told = capsys.readouterr().out
    assert "VIOLATION: counters: " in told
    assert "VIOLATION: verify at the end: I" in told

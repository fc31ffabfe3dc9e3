"""The alerts fire when they must and are silent when they must: ``promtool`` tries them on made-up series."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.deploy.files import ALERTS, DEPLOY
from tests.system.debian_prometheus import program

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests/deploy/alerts.test.yml"

Promtool = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def promtool() -> Promtool:
    """Runs ``promtool`` with these arguments."""
    tool = program("promtool")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)

    return run


def test_the_configuration_of_prometheus_can_be_used(promtool: Promtool) -> None:
    """With the rules it names."""
    checked = promtool("check", "config", DEPLOY / "prometheus/prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(ALERTS)} rules found" in checked.stdout


def test_every_alert_fires_and_is_silent_as_it_must(promtool: Promtool) -> None:
    tried = promtool("test", "rules", TESTS)
    assert tried.returncode == 0, tried.stdout + tried.stderr


@pytest.mark.parametrize("name", ALERTS)
@pytest.mark.parametrize("change", [{"expr": "vector(1)"}, {"expr": "vector(1) > 1"}, {"for": "0m"}], ids=str)
def test_the_tests_notice_another_alert(promtool: Promtool, name: str, change: dict[str, str], tmp_path: Path) -> None:
    """One that always fires, one that never does, and one that does not wait."""
    alerts = [{**alert, **change} if alert["alert"] == name else alert for alert in ALERTS.values()]
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump({"groups": [{"name": "changed", "rules": alerts}]}))
    tests = yaml.safe_load(TESTS.read_text(encoding="utf-8")) | {"rule_files": ["alerts.yml"]}
    tests["tests"] = [
        test for test in tests["tests"] if any(case["alertname"] == name for case in test["alert_rule_test"])
    ]
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    assert promtool("test", "rules", tmp_path / "tests.yml").returncode == 1

"""The alerts as they are written; whether they fire is for `make test-system`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.files import ALERTS, DEPLOY, GROUPS
from tests.deploy.promql import strangers

RUNBOOK = (DEPLOY / "runbook.md").read_text(encoding="utf-8")
TESTS = yaml.safe_load(Path(__file__).with_name("alerts.test.yml").read_text(encoding="utf-8"))["tests"]
OPERATOR = DEPLOY / "kubernetes/monitoring/prometheusrule.yaml"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_is_about_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert strangers(alert["expr"]) == set()
    assert re.fullmatch(r"\d+[mh]", alert["for"])
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"]["summary"].endswith((".", "}}."))
    assert alert["annotations"]["runbook_url"] == f"deploy/runbook.md#{name.lower()}"


def test_the_runbook_has_a_section_for_each_alert_and_for_no_other() -> None:
    """Each says what it means, how to see why, and what to do."""
    sections = dict(re.findall(r"^### (Salesplan\w+)\n(.*?)(?=^##|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
    assert sections.keys() == ALERTS.keys()
    for name, text in sections.items():
        for part in ("**Means**", "**Look**", "**Do**"):
            assert part in text, f"{name}: {part}"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_seen_to_fire_and_seen_to_be_silent(name: str) -> None:
    cases = [case for test in TESTS for case in test["alert_rule_test"] if case["alertname"] == name]
    assert any(case["exp_alerts"] for case in cases)
    assert any(not case["exp_alerts"] for case in cases)


def test_the_operator_is_given_the_same_alerts() -> None:
    """If it is not: python -m tests.deploy.prometheusrule."""
    rule = yaml.safe_load(OPERATOR.read_text(encoding="utf-8"))
    assert rule["spec"] == {"groups": GROUPS}

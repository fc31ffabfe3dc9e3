"""The files that are deployed for those who watch the workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
GROUPS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}


DASHBOARD_FILE = DEPLOY / "grafana/dashboards/salesplan.json"
DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))


def expressions() -> Iterator[str]:
    """Every expression of the dashboard, with what Grafana puts in."""
    shown = [target for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    for found in (*shown, *DASHBOARD["annotations"]["list"]):
        yield found["expr"].replace("$__rate_interval", "1m")

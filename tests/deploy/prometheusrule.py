"""The alerts as the Prometheus operator takes them: ``python -m tests.deploy.prometheusrule`` writes them anew."""

from __future__ import annotations

import textwrap
from pathlib import Path

KUBERNETES = Path(__file__).parents[2] / "deploy/kubernetes"
HEAD = """# Made from deploy/prometheus/alerts.yml by `python -m tests.deploy.prometheusrule`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: salesplan
spec:
"""


def main() -> None:
    alerts = (KUBERNETES.parent / "prometheus/alerts.yml").read_text(encoding="utf-8")
    rules = alerts[alerts.index("groups:") :]
    (KUBERNETES / "monitoring/prometheusrule.yaml").write_text(HEAD + textwrap.indent(rules, "  "), encoding="utf-8")


if __name__ == "__main__":
    main()

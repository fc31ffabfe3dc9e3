"""The page of all metrics. ``make metrics`` writes it to ``worker/metrics/README.md``."""

from pathlib import Path

from worker import metrics
from worker.metrics import METRICS, PROCESS, Metric

FILE = Path(metrics.__file__).with_name("README.md")
HEAD = """# Metrics

What a worker tells at `/metrics`, on the port of the probes (8081). `make metrics` writes this page from `__init__.py`.

Counters count from the start of the process; sum them over workers. A worker tells the lag of the partitions it holds;
the outbox, the plans and the spread are the same for all workers of a group, so take the maximum. The shares and the
outbox are looked at every 5 s, the lag every second, all else is as of the last batch.

Leads, managers and accounts are no labels: series would grow with the data, and would hold personal data. What a plan
has shared out, to whom, is in the view `salesplan_api.plan_managers`; by trigger it is in `salesplan_api.assignments`.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page as it has to be."""
    return HEAD + "".join(map(_row, (*METRICS, *PROCESS)))


def _row(metric: Metric) -> str:  # type: ignore[type-arg]  # of any kind
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind.__name__.lower()} | {labels} | {metric.meaning} |\n"


def main() -> None:
    FILE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

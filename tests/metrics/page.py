"""The page of all metrics. ``make metrics`` writes it to ``worker/metrics/README.md``."""

from pathlib import Path
from typing import Any

from console.metrics import METRICS as CONSOLES
from worker import metrics
from worker.metrics import METRICS, PROCESS, Metric

FILE = Path(metrics.__file__).with_name("README.md")
HEAD = """# Metrics

A worker shows these metrics at `/metrics`, on the port of the probes (8081). `make metrics` writes this page from
`__init__.py`.

Counters count from the start of the process: sum them over workers. The lag of a worker covers the partitions that it
holds. The outbox, the plans and the spread are the same for all workers of a group: take the maximum. Workers look at
the spread and the outbox every 5 s, and at the lag every second. All other values change with each batch.

Leads, managers and accounts are no labels. Such series would grow with the data, and would hold personal data. The view
`salesplan_api.plan_managers` says how many leads each manager has. `salesplan_api.assignments` has them by trigger.

| metric | type | labels | meaning |
|---|---|---|---|
"""

CONSOLE = """
## The console

`salesplan console` shows these metrics at `/metrics`, beside `salesplan_ready`, `salesplan_build_info`,
`salesplan_log_lines_dropped_total` and those of the process.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page as it has to be."""
    return HEAD + _rows((*METRICS, *PROCESS)) + CONSOLE + _rows(CONSOLES)


def _rows(metrics: tuple[Metric[Any], ...]) -> str:
    return "".join(map(_row, metrics))


def _row(metric: Metric[Any]) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind.__name__.lower()} | {labels} | {metric.meaning} |\n"


def main() -> None:
    FILE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

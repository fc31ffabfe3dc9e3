"""The dashboard shows the metrics that there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product

from tests.deploy.files import DASHBOARD, DASHBOARD_FILE, expressions
from tests.deploy.promql import names, strangers
from worker.metrics import METRICS, PROCESS

NOT_SHOWN = {"process_virtual_memory_bytes"}  # it says nothing of a Python process


def test_every_metric_on_the_dashboard_is_in_the_code() -> None:
    assert {expression: found for expression in expressions() if (found := strangers(expression))} == {}


def test_every_metric_of_the_code_is_on_the_dashboard() -> None:
    shown = set().union(*map(names, expressions()))
    shown |= {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
    assert {metric.name for metric in (*METRICS, *PROCESS)} - shown == NOT_SHOWN


def test_panels_lie_side_by_side() -> None:
    """None over another, none beyond the edge, and no two of one id."""
    taken = Counter(cell for panel in DASHBOARD["panels"] for cell in cells(**panel["gridPos"]))
    assert max(taken.values()) == 1
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def cells(x: int, y: int, w: int, h: int) -> Iterator[tuple[int, int]]:
    return product(range(x, x + w), range(y, y + h))


def test_nothing_is_bound_to_one_installation() -> None:
    """Whoever imports it chooses the Prometheus to ask."""
    uids = re.findall(r'"uid": "([^"]*)"', DASHBOARD_FILE.read_text(encoding="utf-8"))
    assert set(uids) == {"${datasource}", DASHBOARD["uid"]}
    assert {variable["name"] for variable in DASHBOARD["templating"]["list"]} == {"datasource", "instance"}

"""What expressions of Prometheus refer to, held against the metrics that the code has."""

from __future__ import annotations

import promql_parser
from prometheus_client import Histogram
from promql_parser import AggregateExpr, Expr, MatrixSelector, VectorSelector

from worker.metrics import METRICS, PROCESS

ADDED = frozenset({"job", "instance"})  # by Prometheus, to whatever it reads
SAMPLES = {"up": frozenset[str]()}  # its own
for _metric in (*METRICS, *PROCESS):
    if _metric.kind is Histogram:
        SAMPLES |= {f"{_metric.name}_{part}": frozenset(_metric.labels) for part in ("sum", "count")}
        SAMPLES[f"{_metric.name}_bucket"] = frozenset({*_metric.labels, "le"})
    else:
        SAMPLES[_metric.name] = frozenset(_metric.labels)


def names(expression: str) -> set[str]:
    """The names of all series in the expression. Raises ValueError where it can't be parsed."""
    return {selector.name or "" for selector in _selectors(_nodes(expression))}


def strangers(expression: str) -> set[str]:
    """Names and labels in the expression that no metric of the code has. Raises ValueError as ``names`` does."""
    nodes = _nodes(expression)
    found, carried = set[str](), set[str]()
    for selector in _selectors(nodes):
        name = selector.name or ""
        labels = SAMPLES.get(name, frozenset[str]()) | ADDED
        carried |= labels
        found |= {name} - SAMPLES.keys()
        found |= {f"{name}{{{matcher.name}}}" for matcher in selector.matchers.matchers if matcher.name not in labels}
    groupings = (node.modifier for node in nodes if isinstance(node, AggregateExpr))
    return found.union(*({*modifier.labels} - carried for modifier in groupings if modifier))


def _nodes(expression: str) -> list[Expr]:
    nodes: list[Expr] = []
    promql_parser.walk(promql_parser.parse(expression), nodes.append)
    return nodes


def _selectors(nodes: list[Expr]) -> list[VectorSelector]:
    ranges = [node.vector_selector for node in nodes if isinstance(node, MatrixSelector)]
    return [*ranges, *(node for node in nodes if isinstance(node, VectorSelector))]

"""The console's metrics; `worker/metrics/README.md` shows them. No label holds an id or a user."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from worker.metrics import BUILD_INFO, LOG_LINES_DROPPED, READY, SECONDS, Metric

REQUESTS = Metric(
    Counter,
    "salesplan_console_requests_total",
    ("route", "status"),
    "Answers of the pages, by the route's pattern and the status.",
)
REQUEST_SECONDS = Metric(
    Histogram,
    "salesplan_console_request_seconds",
    ("route",),
    "Time from a request to the end of its answer, by the route's pattern.",
    SECONDS,
)
DATABASE_SECONDS = Metric(
    Histogram,
    "salesplan_console_database_seconds",
    ("login",),
    "Time for which a request holds a connection of the login (heads or managers), with the wait for it.",
    SECONDS,
)

METRICS = (REQUESTS, REQUEST_SECONDS, DATABASE_SECONDS)
ALL = (*METRICS, READY, BUILD_INFO, LOG_LINES_DROPPED)

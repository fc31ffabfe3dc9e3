"""Traces, for workers that are configured to send them. Only they import OpenTelemetry, from the extra `otel`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from worker.settings import Settings
from worker.tracing.off import OFF, Tracing

__all__ = ["open_tracing"]

log = structlog.get_logger()


@contextmanager
def open_tracing(settings: Settings) -> Iterator[Tracing]:
    """Tracing as the environment configures it. At the end it has a few seconds to send the remaining spans.

    Raises ConfigError.
    """
    if not settings.traced:
        yield OFF
        return
    try:
        from worker.tracing import spans  # noqa: PLC0415 -- the import takes time and memory, and needs the extra
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("opentelemetry"):
            raise
        log.warning("not_traced", why="the extra is missing", todo="pip install 'salesplan[otel]'")
        yield OFF
        return
    with spans.exported(settings.kafka.group_id) as tracing:
        yield tracing

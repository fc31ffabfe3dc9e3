"""Traces, where they are wanted. What lies behind this border is imported only then; it needs the extra `otel`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from worker.settings import Settings
from worker.tracing.off import OFF, Tracing

__all__ = ["opened"]

log = structlog.get_logger()


@contextmanager
def opened(settings: Settings) -> Iterator[Tracing]:
    """Tracing as the environment wants it. What is still to be sent at the end has some seconds, and no more.

    Raises ConfigError.
    """
    if not settings.traced:
        yield OFF
        return
    try:
        from worker.tracing import spans  # noqa: PLC0415 -- takes time and memory, and needs the extra
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("opentelemetry"):
            raise
        log.warning("not_traced", why="the extra is missing", todo="pip install 'salesplan[otel]'")
        yield OFF
        return
    with spans.exported(settings.kafka.group_id) as tracing:
        yield tracing

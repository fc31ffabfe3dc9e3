"""Sends spans in a thread of its own, from a bounded queue. So the worker never waits for a collector."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

# A batch of 4000 sampled leads makes 8000 spans at once. OpenTelemetry's default of 2048 would lose most of them.
QUEUE = 16_384
FLUSH_SECONDS = 3.0

log = structlog.get_logger()


class LoggingExporter(SpanExporter):
    """An exporter that logs one line when its failures begin, and one when they end."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans through the inner exporter, and log a change between success and failure."""
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._log_change(failing=result is not SpanExportResult.SUCCESS)
        return result

    def _log_change(self, *, failing: bool) -> None:
        if failing and not self._failing:
            log.warning("spans_lost", todo="see that OTEL_EXPORTER_OTLP_ENDPOINT names a collector that answers")
        elif self._failing and not failing:
            log.info("spans_sent_again")
        self._failing = failing

    def shutdown(self) -> None:
        """Shut the inner exporter down."""
        self._exporter.shutdown()


def processor() -> SpanProcessor:
    """The processor that sends spans as the OTEL_* variables say. Raises ValueError where a variable is not valid."""
    # The exporter's own log lines are not JSON, and their addresses may hold secrets.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    size = None if os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE") else QUEUE
    return BatchSpanProcessor(LoggingExporter(OTLPSpanExporter()), size)


def resource() -> Resource:
    """The sender of spans: `salesplan`, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES says otherwise."""
    defaults = {"service.name": "salesplan", "service.version": version("salesplan")}
    return Resource.create(defaults | dict(OTELResourceDetector().detect().attributes))


@contextmanager
def flushing(sending: SpanProcessor) -> Iterator[None]:
    """At the end of the block, send the spans in the queue. Spans that are not sent after FLUSH_SECONDS are lost."""
    try:
        yield
    finally:
        # OpenTelemetry's own limit is 30 s, which is all the time that a worker has to stop. A thread of asyncio would
        # not help, because asyncio waits for its threads.
        ending = threading.Thread(target=sending.shutdown, daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)

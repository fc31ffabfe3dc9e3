"""How spans leave: by a thread of their own, from a queue that has an end. Nobody ever waits for a collector."""

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

# A batch of 4000 sampled leads makes twice as many spans at once; OpenTelemetry's own 2048 would lose most of them.
QUEUE = 16_384
FLUSH_SECONDS = 3.0

log = structlog.get_logger()


class Told(SpanExporter):
    """An exporter whose failures are told in the log, in one line each time they begin or end."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the exporter does."""
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._tell(failing=result is not SpanExportResult.SUCCESS)
        return result

    def _tell(self, *, failing: bool) -> None:
        if failing and not self._failing:
            log.warning("spans_lost", todo="see that OTEL_EXPORTER_OTLP_ENDPOINT names a collector that answers")
        elif self._failing and not failing:
            log.info("spans_sent_again")
        self._failing = failing

    def shutdown(self) -> None:
        """As the exporter does."""
        self._exporter.shutdown()


def processor() -> SpanProcessor:
    """What sends spans, as the OTEL_* variables say. Raises ValueError where they can't be understood."""
    # The exporter's own lines are no JSON, and name addresses that may hold secrets.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    size = None if os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE") else QUEUE
    return BatchSpanProcessor(Told(OTLPSpanExporter()), size)


def resource() -> Resource:
    """Who sends spans: `salesplan`, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise."""
    named = {"service.name": "salesplan", "service.version": version("salesplan")}
    return Resource.create(named | dict(OTELResourceDetector().detect().attributes))


@contextmanager
def flushed(sending: SpanProcessor) -> Iterator[None]:
    """At the end, what is still in the queue is sent, if it can be within FLUSH_SECONDS."""
    try:
        yield
    finally:
        # OpenTelemetry's own limit is 30 s, all that a worker has; and asyncio would wait for a thread of its own.
        ending = threading.Thread(target=sending.shutdown, daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)

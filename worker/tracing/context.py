"""Trace contexts of records as values of OpenTelemetry."""

from opentelemetry.trace import SpanContext, TraceFlags


def sampled(text: str | None) -> SpanContext | None:
    """Parse a context from ``worker.records.traceparent``. None where upstream does not sample this trace."""
    if text is None or not (flags := TraceFlags(int(text[-2:], 16))).sampled:
        return None
    _, trace_id, span_id, _ = text.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)

"""Trace contexts of records, as OpenTelemetry has them."""

from opentelemetry.trace import SpanContext, TraceFlags


def sampled(text: str | None) -> SpanContext | None:
    """The context that ``worker.records.traceparent`` has found, where upstream records that trace; else None."""
    if text is None or not (flags := TraceFlags(int(text[-2:], 16))).sampled:
        return None
    _, trace_id, span_id, _ = text.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)

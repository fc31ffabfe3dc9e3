"""Trace contexts in records: which are followed, and what an announcement's says.

An announcement names the span of its decision, so that what the chat service does hangs below it. But it is stored
before the commit, goes out again with the same bytes, and no span may tell of what is not committed. So the span's id
is the end of the announcement's own: whoever has committed, or publishes for another, knows it from the record alone.
"""

from opentelemetry.trace import SpanContext, TraceFlags, format_trace_id

from worker.rules.decide import Assignment

KNOWN_FLAGS = 3  # sampled, and random trace id; others are to be 0 in what we send


def sampled(text: str | None) -> SpanContext | None:
    """What ``worker.rules.batch.traceparent`` has found, where upstream records that trace; no other is followed."""
    if text is None or not (flags := TraceFlags(int(text[-2:], 16))).sampled:
        return None
    _, trace_id, span_id, _ = text.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)


def named(assignment: Assignment, event_id: str) -> Assignment:
    """As it is to be announced: within the span that will tell of it, where its trace is followed."""
    arrival = assignment.arrival
    if (parent := sampled(arrival.traceparent)) is None:
        return assignment
    span_id, flags = event_id[-17:].replace("-", ""), parent.trace_flags & KNOWN_FLAGS
    own = f"00-{format_trace_id(parent.trace_id)}-{span_id}-{flags:02x}"
    return assignment._replace(arrival=arrival._replace(traceparent=own))


def span_id_of(text: str) -> int:
    """The id that a well-formed context names."""
    return int(text.split("-")[2], 16)

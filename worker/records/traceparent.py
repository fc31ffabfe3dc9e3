"""W3C Trace Context in the headers of a record: https://www.w3.org/TR/trace-context/."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.records.record import Header

# A version other than ff, the trace and the parent's span, neither all zeros, and flags.
TRACEPARENT = re.compile(rb"(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}")
TRACEPARENT_LENGTH = 55

SAMPLED = 1
KNOWN_FLAGS = 3  # sampled, and random trace id; a sender sets every other flag to 0


def traceparent(headers: Sequence[Header]) -> str | None:
    """The trace context of a record, as version 00 writes it; None where it is missing or malformed.

    Where several headers have this name, the last one counts.
    """
    for name, value in reversed(headers):
        if name == "traceparent":
            return _version_00(value) if value and TRACEPARENT.match(value) else None
    return None


def _version_00(value: bytes) -> str | None:
    """Rewrite a context whose beginning is well-formed. A later version may go on after a dash."""
    context, rest = value[:TRACEPARENT_LENGTH].decode(), value[TRACEPARENT_LENGTH:]
    if context.startswith("00-"):
        return None if rest else context
    sampled = flags_of(context) & SAMPLED  # no other flag of a later version is known to mean the same
    return None if rest and not rest.startswith(b"-") else f"00-{context[3:-2]}{sampled:02x}"


def flags_of(context: str) -> int:
    """The flags of a well-formed context."""
    return int(context[-2:], 16)


def within_decision(context: str, event_id: str) -> str:
    """The context that an announcement carries: the same trace, and the span of the decision.

    The announcement is stored before the commit, and no span may tell of what is not committed. So the span's id is
    the end of the announcement's ``event_id`` (a UUID): every worker that publishes the announcement knows it. A trace
    that is not sampled has no such span, and its context is passed on unchanged.
    """
    if not (flags := flags_of(context)) & SAMPLED:
        return context
    return f"{context[:36]}{event_id[-17:].replace('-', '')}-{flags & KNOWN_FLAGS:02x}"


def span_id_of(context: str) -> int:
    """The span that a well-formed context names."""
    return int(context.split("-")[2], 16)

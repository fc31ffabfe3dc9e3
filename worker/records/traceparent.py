"""W3C Trace Context in the headers of a record: https://www.w3.org/TR/trace-context/."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.records.record import Header

# Version (not ff), trace id, span id of the parent (neither id all zeros), flags.
TRACEPARENT = re.compile(rb"(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}")
TRACEPARENT_LENGTH = 55

SAMPLED = 1
KNOWN_FLAGS = 3  # "sampled" and "random trace id"; a sender must set all others to 0


def traceparent(headers: Sequence[Header]) -> str | None:
    """The trace context of a record in the form of version 00; None where it is missing or malformed.

    Where several headers have this name, the last one counts.
    """
    for name, value in reversed(headers):
        if name == "traceparent":
            return _version_00(value) if value and TRACEPARENT.match(value) else None
    return None


def _version_00(value: bytes) -> str | None:
    """Rewrite a context whose beginning is well-formed. A later version may have more fields after a dash."""
    context, rest = value[:TRACEPARENT_LENGTH].decode(), value[TRACEPARENT_LENGTH:]
    if context.startswith("00-"):
        return None if rest else context
    sampled = flags_of(context) & SAMPLED  # in a later version only this flag is sure to mean the same
    return None if rest and not rest.startswith(b"-") else f"00-{context[3:-2]}{sampled:02x}"


def flags_of(context: str) -> int:
    """The flags of a well-formed context."""
    return int(context[-2:], 16)


def within_decision(context: str, event_id: str) -> str:
    """The context of an announcement: the same trace, and the span of the decision.

    The worker stores the announcement before the commit, and makes the span only after it. So the span's id is the end
    of the announcement's ``event_id`` (a UUID), which every worker that publishes the announcement knows. A trace that
    is not sampled has no such span, so its context stays unchanged.
    """
    if not (flags := flags_of(context)) & SAMPLED:
        return context
    return f"{context[:36]}{event_id[-17:].replace('-', '')}-{flags & KNOWN_FLAGS:02x}"


def span_id_of(context: str) -> int:
    """The span id of a well-formed context."""
    return int(context.split("-")[2], 16)

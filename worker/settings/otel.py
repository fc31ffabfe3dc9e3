"""Reads from OpenTelemetry's variables if the worker sends traces. OpenTelemetry itself reads the others."""

import os
from collections.abc import Iterator

from worker.settings.environment import Fault

OTLP, NONE = "otlp", "none"
HTTP = "http/protobuf"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
SAMPLERS = ("always_on", "always_off", "parentbased_always_on", "parentbased_always_off")
BY_RATIO = ("traceidratio", "parentbased_traceidratio")


def is_wanted() -> bool:
    """True if a variable names an endpoint or the default exporter, and none turns traces off."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = os.environ.get("OTEL_TRACES_EXPORTER")
    return exporter != NONE if exporter else any(map(os.environ.get, ENDPOINTS))


def faults() -> Iterator[Fault]:
    """Yield faults of these variables, if traces are wanted."""
    if not is_wanted():
        return
    if os.environ.get("OTEL_TRACES_EXPORTER", OTLP) not in ("", OTLP):
        yield Fault("OTEL_TRACES_EXPORTER", f"must be {OTLP} or {NONE}: traces are sent in no other way")
    for name in PROTOCOLS:
        if os.environ.get(name, HTTP) not in ("", HTTP):
            yield Fault(name, f"must be {HTTP}, mostly on port 4318: traces are sent in no other way")
    yield from _sampler_faults()


def _sampler_faults() -> Iterator[Fault]:
    """Yield faults of the sampler. OpenTelemetry would only log them where nobody looks, and record all traces."""
    sampler = os.environ.get("OTEL_TRACES_SAMPLER", "").lower()
    if sampler and sampler not in (*SAMPLERS, *BY_RATIO):
        yield Fault("OTEL_TRACES_SAMPLER", f"must be one of {', '.join((*SAMPLERS, *BY_RATIO))}")
    ratio = os.environ.get("OTEL_TRACES_SAMPLER_ARG")
    if sampler in BY_RATIO and ratio and not _is_ratio(ratio):
        yield Fault("OTEL_TRACES_SAMPLER_ARG", "must be the share of traces to record, from 0 to 1")


def _is_ratio(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False

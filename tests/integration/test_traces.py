"""A worker with tracing on: upstream's trace goes on to the announcement, and a collector is never waited for."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import islice
from typing import Any

import pytest

from tests.stage.collector import attributes, collecting
from tests.stage.environment import dice, replaced_environment
from tests.stage.stage import Stage
from tests.stage.upstream import Event, event, events
from worker import tracing
from worker.records.record import Header
from worker.settings import ConfigError, load_settings

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
EXPORTER_SECONDS = "600"  # that it would wait for an answer
END_SECONDS = 15.0  # far less than that, and half of what a worker has

# With the extra there and not wanted, and wanted and not there.
OFF = """
import sys
from worker import commands, tracing
from worker.settings import load_settings
if {halted}:
    sys.modules["opentelemetry"] = None
with tracing.open_tracing(load_settings()) as traced:
    assert type(traced) is tracing.Tracing, traced
assert not [name for name in sys.modules if name.startswith("opentelemetry.")]
"""


def traced_order(lead: str, *headers: Header) -> Event:
    made = event(dice(1), "order", lead)
    return Event(made.kind, made.value, made.key, headers, fields=made.fields)


async def test_the_trace_of_an_order_goes_on_to_its_announcement(stage: Stage) -> None:
    """Upstream's span, the decision, the publishing; the announcement names the decision, and the log the batch."""
    sampled, unsampled = f"00-{TRACE}-{SPAN}-01".encode(), f"00-{'a' * 32}-{'b' * 16}-00".encode()
    orders = {"lead-sampled": sampled, "lead-unsampled": unsampled, "lead-bad": b"\xff" * 55}
    with collecting() as collector:
        worker = stage.start(**collector.environment)
        await stage.send(traced_order(lead, ("traceparent", text)) for lead, text in orders.items())
        found = await stage.finish()

    ours = [span for span in collector.spans if span.trace_id.hex() == TRACE]
    decisions = {span.span_id.hex(): span for span in ours if span.name == f"process {stage.topics['order']}"}
    sends = [span for span in ours if span.name == f"send {stage.settings.topics.lead_assigned}"]
    assert len(decisions) + len(sends) == len(ours)
    assert {span.parent_span_id.hex() for span in decisions.values()} == {SPAN}
    assert sorted(span.parent_span_id.hex() for span in sends) == sorted(decisions)
    # An order of this offer enters both plans of ours that list it.
    assert {attributes(span)["salesplan.plan.id"] for span in decisions.values()} == {"spring", "upsell"}
    announced = traceparents(found)
    assert sorted(announced["lead-sampled"]) == sorted(f"00-{TRACE}-{span}-01".encode() for span in decisions)
    assert set(announced["lead-unsampled"]) == {unsampled}
    assert set(announced["lead-bad"]) == {b""}
    assert collector.services == {"salesplan"}
    batches = {(span.trace_id.hex(), span.span_id.hex()) for span in collector.spans if span.name == "process"}
    assert {(line["trace_id"], line["span_id"]) for line in worker.logged("written")} <= batches
    for secret in (b"lead-sampled", b"anna", b"boris", b"gita", b"acme"):
        assert secret not in collector.text


async def test_a_collector_that_hangs_holds_nobody_up(stage: Stage) -> None:
    """The worker assigns all the while, and ends in time, although its exporter would wait for minutes."""
    with collecting(hangs=True) as collector:
        more = {"OTEL_EXPORTER_OTLP_TIMEOUT": EXPORTER_SECONDS, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        worker = stage.start(**collector.environment, **more)
        await stage.send([traced_order("first", ("traceparent", f"00-{TRACE}-{SPAN}-01".encode()))])
        await stage.until("the exporter hangs", lambda: is_set(collector.asked))
        await stage.send(islice(events(dice(2), 1000), 3000))
        await stage.until_handled()
        began = time.monotonic()
        await worker.stop()
        assert time.monotonic() - began < END_SECONDS
        await stage.finish()


async def test_a_collector_that_is_away_is_told_of_once(stage: Stage) -> None:
    """In one line of the log, without the address; nothing else is any different."""
    nobody = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:hidden@127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2"}
    worker = stage.start(**nobody, OTEL_BSP_SCHEDULE_DELAY="50")
    await stage.send(islice(events(dice(3), 100), 300))
    await stage.until_logged(worker, "spans_lost")
    await stage.send(islice(events(dice(4), 100), 300))
    await stage.finish()
    assert len(worker.logged("spans_lost")) == 1
    assert b"hidden" not in worker.log.read_bytes()


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318"}, True),
    ],
)
def test_off_means_that_nothing_of_it_is_loaded(wanted: dict[str, str], missing: bool) -> None:
    """Where the extra is missing and traces are wanted, that is a line in the log and no more."""
    done = subprocess.run(
        [sys.executable, "-c", OFF.format(halted=missing)], env=wanted, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ("not_traced" in done.stdout + done.stderr) == missing


@pytest.mark.parametrize(
    ("name", "value"), [("OTEL_SPAN_LINK_COUNT_LIMIT", "hidden"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0")]
)
def test_a_value_that_opentelemetry_does_not_take_is_a_fault(name: str, value: str) -> None:
    """That ends the command with 78; the value is not repeated."""
    wanted = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", name: value}
    with replaced_environment(wanted), pytest.raises(ConfigError) as caught, tracing.open_tracing(load_settings()):
        pass
    assert [fault.name for fault in caught.value.faults] == ["OTEL_*"]
    assert value not in str(caught.value)


async def is_set(event: Any) -> bool:
    return bool(event.is_set())


def traceparents(found: Any) -> dict[str, list[bytes]]:
    """The trace contexts of each lead's announcements; empty for an announcement without one."""
    told: dict[str, list[bytes]] = {}
    for record in found.announced:
        told.setdefault(record.key.decode(), []).append(dict(record.headers).get("traceparent", b""))
    return told

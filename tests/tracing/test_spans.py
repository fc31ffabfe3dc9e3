"""Spans tell about a batch only what is committed, and name no lead or manager."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext, StatusCode, format_span_id, format_trace_id

from tests.support.make import lead, order, plan, poison
from tests.support.office import GROUP, OUTPUT, Office
from worker.kafka.limits import Limits
from worker.ledger.answer import PositionsMoved, Written
from worker.ledger.transaction import Ledger
from worker.outbox.announcements import Announcements
from worker.outbox.packing import unpack
from worker.records.message import Message
from worker.records.record import Header
from worker.rules.batch import Wake, Work
from worker.tracing.spans import LINKS, Spans

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED: Header = ("traceparent", f"00-{TRACE}-{SPAN}-01".encode())
UNSAMPLED: Header = ("traceparent", f"00-{TRACE}-{SPAN}-00".encode())
LATER: Header = ("traceparent", f"cc-{TRACE}-{SPAN}-01-more".encode())


class Traced:
    """An office whose ledger tells spans, and what it told."""

    def __init__(self, office: Office) -> None:
        self.told = InMemorySpanExporter()
        self.spans = Spans(SimpleSpanProcessor(self.told), GROUP)
        self.office = office
        office.tracing = self.spans
        office.ledger = Ledger(office.connection, office.slot, GROUP, Announcements(OUTPUT, own_spans=True), Limits())

    async def put(self, work: Work) -> Written:
        """Write the batch, as the pipeline does."""
        with self.spans.processing(work):
            written = await self.office.put(work)
            await self.spans.written(work, written)
        return written

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.told.get_finished_spans() if span.name == name]

    @property
    def decisions(self) -> list[ReadableSpan]:
        """Those in upstream's trace."""
        return [span for span in self.told.get_finished_spans() if ids(span.context)[0] == TRACE]


@pytest.fixture
def traced(office: Office, monkeypatch: pytest.MonkeyPatch) -> Traced:
    monkeypatch.delenv("OTEL_TRACES_SAMPLER", raising=False)
    return Traced(office)


def ids(context: SpanContext | None) -> tuple[str, str]:
    """The ids of trace and span."""
    assert context is not None
    return format_trace_id(context.trace_id), format_span_id(context.span_id)


def context_of(message: Message) -> bytes | None:
    return dict(message.headers).get("traceparent")


@pytest.mark.parametrize("header", [SAMPLED, LATER])
async def test_an_assignment_is_a_span_of_upstreams_trace_that_its_message_names(
    traced: Traced, header: Header
) -> None:
    """With plan, number and reason; what is stored is what was told, byte for byte."""
    await traced.office.edit(plan("alpha", "anna", ordered=["offer"]))
    written = await traced.put(await traced.office.batch(order("lead-1", "offer"), headers=[header]))
    (span,) = traced.decisions
    assert (span.name, ids(span.parent)) == ("process order", (TRACE, SPAN))
    assert context_of(written.messages[0]) == f"00-{TRACE}-{ids(span.context)[1]}-01".encode()
    assert dict(span.attributes or {}) == {
        "messaging.system": "kafka",
        "messaging.consumer.group.name": GROUP,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "order",
        "messaging.destination.partition.id": str(written.assignments[0].entry.partition),
        "messaging.kafka.offset": 0,
        "salesplan.outcome": "assigned",
        "salesplan.reason": "even",
        "salesplan.plan.id": "alpha",
        "salesplan.plan.version": 1,
        "salesplan.plan.seq": 1,
        "salesplan.plan.mode": "even",
    }
    packed = await traced.office.connection.fetchval("select messages from salesplan.outbox")
    assert unpack(packed) == written.messages
    (batch,) = traced.named("process")
    assert [ids(link.context) for link in span.links] == [ids(batch.context)]
    assert [ids(link.context) for link in batch.links] == [(TRACE, SPAN)]
    assert [dict(event.attributes or {}) for event in batch.events] == [{"salesplan.outcomes.assigned": 1}]


@pytest.mark.parametrize("headers", [[UNSAMPLED], []])
async def test_a_lead_that_upstream_does_not_trace_goes_on_as_it_came(
    traced: Traced, headers: Sequence[Header]
) -> None:
    """Its own batch is traced all the same, and links to nothing."""
    await traced.office.edit(plan("alpha", "anna"))
    written = await traced.put(await traced.office.batch(lead("lead-1", "alpha"), headers=headers))
    assert context_of(written.messages[0]) == (headers[0][1] if headers else None)
    async with traced.spans.publishing(written.messages):
        pass
    assert traced.decisions == []
    assert [len(span.links) for name in ("process", "send") for span in traced.named(name)] == [0, 0]


async def test_each_of_many_has_a_span_of_its_own(traced: Traced) -> None:
    """In every plan that the lead enters; a batch links to so many of them and no more."""
    await traced.office.edit(
        plan("alpha", "anna", ordered=["offer"]), plan("beta", "boris", "chen", ordered=["offer"], mode="linked")
    )
    leads = [order(f"lead-{number}", "offer") for number in range(LINKS + 10)]
    written = await traced.put(await traced.office.batch(*leads, poison(), headers=[SAMPLED]))
    told = [ids(span.context)[1] for span in traced.decisions]
    assert len(set(told)) == 2 * len(leads)
    announced = written.messages[: 2 * len(leads)]
    assert [f"00-{TRACE}-{span}-01".encode() for span in told] == [context_of(message) for message in announced]
    for span, assignment in zip(traced.decisions, written.assignments, strict=True):
        found = span.attributes or {}
        assert (found["salesplan.plan.id"], found["salesplan.plan.seq"]) == (
            assignment.plan.plan_id,
            assignment.plan_seq,
        )
    (batch,) = traced.named("process")
    assert (len(batch.links), batch.dropped_links) == (LINKS, 0)


async def test_a_transaction_that_is_undone_claims_nothing(traced: Traced) -> None:
    """Undone at its very end, when all messages had been made; then somebody else's records stay untold."""
    office = traced.office
    await office.edit(plan("alpha", "anna"))
    await office.refresh()
    batch = await office.batch(lead("lead-1", "alpha"), headers=[SAMPLED])
    await office.connection.execute("update salesplan.position set next_offset = 7, no_match = 7")
    with traced.spans.processing(batch):
        assert isinstance(await office.attempt(batch), PositionsMoved)
    assert traced.decisions == []
    (transaction,) = traced.named("transaction")
    assert (transaction.attributes or {})["salesplan.undone"] == "PositionsMoved"
    assert transaction.status.status_code is StatusCode.ERROR


async def test_an_assignment_is_told_once_however_often_its_batch_was_tried(traced: Traced) -> None:
    """The first try is undone: the plans had changed."""
    await traced.office.edit(plan("alpha", "anna"))
    await traced.put(await traced.office.batch(lead("lead-1", "alpha"), headers=[SAMPLED]))
    tries = [(span.attributes or {}).get("salesplan.undone") for span in traced.named("transaction")]
    assert tries == ["BookChanged", None]
    assert len(traced.decisions) == 1
    (batch,) = traced.named("process")
    assert {ids(span.parent) for span in traced.named("transaction")} == {ids(batch.context)}


async def test_a_lead_that_waited_is_told_of_when_it_is_assigned(traced: Traced) -> None:
    """In the trace that it came with, and with nothing before."""
    await traced.office.edit(plan("alpha"))
    await traced.put(await traced.office.batch(lead("lead-1", "alpha"), headers=[SAMPLED]))
    assert traced.decisions == []
    await traced.office.edit(plan("alpha", "anna"))
    await traced.office.refresh()
    written = await traced.put(Wake([traced.office.plan("alpha").plan_no]))
    (span,) = traced.decisions
    assert ids(span.parent) == (TRACE, SPAN)
    assert context_of(written.messages[0]) == f"00-{TRACE}-{ids(span.context)[1]}-01".encode()


async def test_what_is_out_is_told_and_what_failed_is_not(traced: Traced) -> None:
    """A message sent again by another worker has the same parent; a dead letter has upstream's own."""
    await traced.office.edit(plan("alpha", "anna"))
    batch = await traced.office.batch(lead("lead-1", "alpha"), poison(), headers=[SAMPLED])
    messages = (await traced.put(batch)).messages
    with pytest.raises(ConnectionError):
        async with traced.spans.publishing(messages):
            raise ConnectionError("lead-1")
    (failed,) = traced.named("send")
    assert (failed.attributes or {})["error.type"] == "ConnectionError"
    assert [traced.named(f"send {topic}") for topic in (OUTPUT, "dlq.order")] == [[], []]

    (packed,) = await traced.office.rows("select messages from salesplan.outbox")
    async with traced.spans.publishing(unpack(packed[0])):
        pass
    (decision,) = (span for span in traced.decisions if span.name.startswith("process"))
    assert [ids(span.parent) for span in traced.named(f"send {OUTPUT}")] == [ids(decision.context)]
    assert [ids(span.parent) for span in traced.named("send dlq.order")] == [(TRACE, SPAN)]
    everything = [ids(span.context)[1] for span in traced.told.get_finished_spans()]
    assert sorted(set(everything)) == sorted(everything)


async def test_no_span_names_a_lead_or_a_manager_or_quotes_an_error(traced: Traced) -> None:
    """Nor an account, nor a key; an error's text may quote a row."""
    secrets = ("hidden-lead", "hidden-manager", "hidden-account", "hidden-text")
    await traced.office.edit(plan("alpha", "hidden-manager", ordered=["offer"], account="hidden-account"))
    event = order("hidden-lead", "offer", "hidden-account")
    written = await traced.put(await traced.office.batch(event, headers=[SAMPLED, ("x", b"hidden-text")]))
    async with traced.spans.publishing(written.messages):
        pass
    with pytest.raises(ValueError, match="hidden"), traced.spans.processing(Wake([])):
        raise ValueError("hidden-text")
    told = "".join(span.to_json() for span in traced.told.get_finished_spans())
    assert "ValueError" in told
    assert [secret for secret in secrets if secret in told] == []

"""Makes OpenTelemetry's spans, with the names of its conventions for messaging.

The spans about a lead belong to upstream's trace, if upstream samples it:

    upstream's span > `process <topic>`, one for each assignment > `send lead-assigned`

A batch has many parents, so it has a trace of its own with links to them: `process` > `transaction` for each attempt,
and `send` for each Kafka transaction.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from typing import NamedTuple

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from structlog.contextvars import bound_contextvars

from worker.concurrency import in_slices
from worker.ledger.answer import Answer, Written
from worker.records.message import Message
from worker.records.traceparent import span_id_of, traceparent
from worker.rules.batch import Batch, Work
from worker.settings.environment import ConfigError, Fault
from worker.tracing.attributes import Attributes, decision, operation
from worker.tracing.context import sampled
from worker.tracing.export import flushing, processor, resource
from worker.tracing.off import Tracing

LINKS = 128  # the most that a span can have by OpenTelemetry's default


@contextmanager
def exported(group_id: str) -> Iterator[Tracing]:
    """Send spans to the address in the OTEL_* variables during the block. Raises ConfigError."""
    try:
        sending = processor()
        tracing = Spans(sending, group_id)
    except ValueError:  # its text is left out: it quotes the variable's value, but not its name
        fault = Fault(
            "OTEL_*", "the number in one of the variables for sizes and limits is none that OpenTelemetry takes"
        )
        raise ConfigError([fault]) from None
    with flushing(sending):
        yield tracing


class Ids(RandomIdGenerator):
    """Makes random ids. ``next_span_id`` is the id of the next span instead, unless it is 0."""

    next_span_id = 0

    def generate_span_id(self) -> int:
        """Return ``next_span_id`` once, or else a random id."""
        span_id, self.next_span_id = self.next_span_id or super().generate_span_id(), 0
        return span_id


class SharedSpan(NamedTuple):
    """The span of a batch and its times in nanoseconds since 1970. The spans of all its leads have the same times."""

    began: int
    ended: int
    span: Span


class Spans(Tracing):
    """Tracing that is on."""

    is_on = True

    def __init__(self, sending: SpanProcessor, group_id: str) -> None:
        self._ids = Ids()
        provider = TracerProvider(resource=resource(), id_generator=self._ids, shutdown_on_exit=False)
        # Upstream's flag decides about the spans of a lead, and OTEL_TRACES_SAMPLER about traces that begin here.
        provider.sampler = ParentBased(provider.sampler)
        provider.add_span_processor(sending)
        self._tracer = provider.get_tracer("salesplan")
        self._group: Attributes = {"messaging.consumer.group.name": group_id}

    @contextmanager
    def processing(self, work: Work) -> Iterator[None]:
        """Open the work's own trace. Log lines inside the block have its ids."""
        records = work.records if isinstance(work, Batch) else ()
        inputs = (traceparent(record.headers) for record in records if record.headers)
        attributes = operation("process") | self._group | {"messaging.batch.message_count": len(records)}
        with self._span("process", SpanKind.CONSUMER, attributes, inputs, _began(work)) as span:
            context = span.get_span_context()
            with bound_contextvars(
                trace_id=trace.format_trace_id(context.trace_id),
                span_id=trace.format_span_id(context.span_id),
                trace_flags=f"{context.trace_flags:02x}",
            ):
                yield

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Answer], None]]:
        """Open a span for one transaction. After a rollback, the span has the reason.

        After a commit, ``written`` adds an event to the span of the work.
        """
        with self._span("transaction", SpanKind.INTERNAL, {}) as span:

            def answered(answer: Answer) -> None:
                if not isinstance(answer, Written):
                    span.set_attribute("salesplan.undone", type(answer).__name__)
                    span.set_status(StatusCode.ERROR)

            yield answered

    async def written(self, work: Work, written: Written) -> None:
        """Make a span for each assignment in its lead's trace, with the span id that the announcement names."""
        span = trace.get_current_span()
        # An event of the span, since one batch can take several transactions.
        span.add_event("written", {f"salesplan.outcomes.{name}": count for name, count in written.outcomes.items()})
        shared = SharedSpan(_began(work), time.time_ns(), span)
        # The messages begin with the announcements, in the order of the assignments.
        async for some in in_slices(list(zip(written.assignments, written.messages, strict=False))):
            for assignment, message in some:
                parent = sampled(assignment.entry.traceparent)
                if parent and (own := _context(message)):
                    self._ids.next_span_id = span_id_of(own)
                    self._add_span(SpanKind.CONSUMER, parent, self._group | decision(assignment), shared)

    @asynccontextmanager
    async def publishing(self, messages: Sequence[Message]) -> AsyncIterator[None]:
        """One span for all messages. After the block, one more for each message whose trace is sampled."""
        contexts: list[str | None] = []
        async for turn in in_slices(messages):
            contexts += map(_context, turn)
        attributes = operation("send") | {"messaging.batch.message_count": len(messages)}
        began = time.time_ns()
        with self._span("send", SpanKind.PRODUCER, attributes, contexts) as span:
            yield
        shared = SharedSpan(began, time.time_ns(), span)
        async for some in in_slices(list(zip(messages, contexts, strict=True))):
            for message, text in some:
                if parent := sampled(text):
                    self._add_span(SpanKind.PRODUCER, parent, operation("send", message.topic), shared)

    @contextmanager
    def _span(
        self,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        linked: Iterable[str | None] = (),
        began: int | None = None,
    ) -> Iterator[Span]:
        links = [Link(context) for context in islice(filter(None, map(sampled, linked)), LINKS)]
        span = self._tracer.start_span(name, kind=kind, attributes=attributes, links=links, start_time=began)
        # The text of an error is left out, because it may quote a row with the lead's id.
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    def _add_span(self, kind: SpanKind, parent: SpanContext, attributes: Attributes, shared: SharedSpan) -> None:
        name = f"{attributes['messaging.operation.name']} {attributes['messaging.destination.name']}"
        within, links = trace.set_span_in_context(NonRecordingSpan(parent)), [Link(shared.span.get_span_context())]
        self._tracer.start_span(name, within, kind, attributes, links, start_time=shared.began).end(shared.ended)


def _context(message: Message) -> str | None:
    """The trace context of a message. Decoding is slow, so it decodes only a message that has the header's name."""
    return traceparent(message.headers) if b"traceparent" in message.encoded else None


def _began(work: Work) -> int:
    """The begin in nanoseconds since 1970: when a batch was fetched; now for a wake-up."""
    ago = time.monotonic() - work.fetched.fetched_at if isinstance(work, Batch) else 0.0
    return time.time_ns() - int(ago * 1e9)

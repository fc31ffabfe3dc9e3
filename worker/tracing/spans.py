"""Spans as OpenTelemetry has them, named as its conventions for messaging say.

What was decided on a lead is told in upstream's trace, where that is sampled:

    upstream's span > `process <topic>`, one for each assignment > `send lead-assigned`

A batch has many parents, and so a trace of its own that links to them: `process` > `transaction` for each try, and
`send` for each Kafka transaction.
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
from worker.tracing.export import flushed, processor, resource
from worker.tracing.off import Tracing

LINKS = 128  # of one span, as many as OpenTelemetry keeps by default


@contextmanager
def exported(group_id: str) -> Iterator[Tracing]:
    """Spans go where the OTEL_* variables say. Raises ConfigError."""
    try:
        sending = processor()
        tracing = Spans(sending, group_id)
    except ValueError:  # without its text: it holds what the variable does, and does not say which one
        fault = Fault(
            "OTEL_*", "the number in one of the variables for sizes and limits is none that OpenTelemetry takes"
        )
        raise ConfigError([fault]) from None
    with flushed(sending):
        yield tracing


class Ids(RandomIdGenerator):
    """Random ids; but the next span has the one that is ``settled``, where one is."""

    settled = 0

    def generate_span_id(self) -> int:
        """See above."""
        span_id, self.settled = self.settled or super().generate_span_id(), 0
        return span_id


class Around(NamedTuple):
    """What the spans of many leads share: beginning and end, in nanoseconds since 1970, and the span of them all."""

    began: int
    ended: int
    span: Span


class Spans(Tracing):
    """Tracing that is on."""

    is_on = True

    def __init__(self, sending: SpanProcessor, group_id: str) -> None:
        self._ids = Ids()
        provider = TracerProvider(resource=resource(), id_generator=self._ids, shutdown_on_exit=False)
        # A lead's spans are recorded where upstream's are; OTEL_TRACES_SAMPLER is about traces that begin here.
        provider.sampler = ParentBased(provider.sampler)
        provider.add_span_processor(sending)
        self._tracer = provider.get_tracer("salesplan")
        self._group: Attributes = {"messaging.consumer.group.name": group_id}

    @contextmanager
    def processing(self, work: Work) -> Iterator[None]:
        """The work's own trace; its ids are on the log lines of the time."""
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
        """A transaction that is undone says so, and why; that a batch is committed, its own span says."""
        with self._span("transaction", SpanKind.INTERNAL, {}) as span:

            def answered(answer: Answer) -> None:
                if not isinstance(answer, Written):
                    span.set_attribute("salesplan.undone", type(answer).__name__)
                    span.set_status(StatusCode.ERROR)

            yield answered

    async def written(self, work: Work, written: Written) -> None:
        """Tell of each assignment in its lead's trace, as the span that its message names."""
        span = trace.get_current_span()
        # An event, since a batch may be written in parts.
        span.add_event("written", {f"salesplan.outcomes.{name}": count for name, count in written.outcomes.items()})
        around = Around(_began(work), time.time_ns(), span)
        # Announcements come first among the messages, in the order of the assignments.
        async for some in in_slices(list(zip(written.assignments, written.messages, strict=False))):
            for assignment, message in some:
                parent = sampled(assignment.entry.traceparent)
                if parent and (own := _context(message)):
                    self._ids.settled = span_id_of(own)
                    self._tell(SpanKind.CONSUMER, parent, self._group | decision(assignment), around)

    @asynccontextmanager
    async def publishing(self, messages: Sequence[Message]) -> AsyncIterator[None]:
        """One span for all of them, and one in the trace of each that has one once they are out."""
        contexts: list[str | None] = []
        async for turn in in_slices(messages):
            contexts += map(_context, turn)
        attributes = operation("send") | {"messaging.batch.message_count": len(messages)}
        began = time.time_ns()
        with self._span("send", SpanKind.PRODUCER, attributes, contexts) as span:
            yield
        around = Around(began, time.time_ns(), span)
        async for some in in_slices(list(zip(messages, contexts, strict=True))):
            for message, text in some:
                if parent := sampled(text):
                    self._tell(SpanKind.PRODUCER, parent, operation("send", message.topic), around)

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
        # The text of an error may quote a row, and with it a lead.
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    def _tell(self, kind: SpanKind, parent: SpanContext, attributes: Attributes, around: Around) -> None:
        name = f"{attributes['messaging.operation.name']} {attributes['messaging.destination.name']}"
        within, links = trace.set_span_in_context(NonRecordingSpan(parent)), [Link(around.span.get_span_context())]
        self._tracer.start_span(name, within, kind, attributes, links, start_time=around.began).end(around.ended)


def _context(message: Message) -> str | None:
    """Decoded only where the name occurs, since that takes long."""
    return traceparent(message.headers) if b"traceparent" in message.encoded else None


def _began(work: Work) -> int:
    """In nanoseconds since 1970: a batch begins when it is fetched, a wake-up now."""
    ago = time.monotonic() - work.fetched.fetched_at if isinstance(work, Batch) else 0.0
    return time.time_ns() - int(ago * 1e9)

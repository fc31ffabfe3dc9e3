"""Traces, where they are wanted. What lies behind this border is imported only then; it needs the extra `otel`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import structlog

from worker.settings import Settings

if TYPE_CHECKING:
    from worker.ledger.transaction import Written
    from worker.outbox.announcements import Message
    from worker.rules.batch import Batch
    from worker.rules.decide import Assignment

__all__ = ["Tracing", "opened"]

log = structlog.get_logger()


class Tracing:
    """Tracing that is off: nothing is recorded, and the trace context of an input goes on as it came."""

    def processing(self, batch: Batch) -> AbstractContextManager[object]:
        """While the batch is worked on, in as many transactions as it takes."""
        return nullcontext()

    def transaction(self) -> AbstractContextManager[object]:
        """While one transaction tries to write the batch."""
        return nullcontext()

    async def named(self, decided: Sequence[tuple[Assignment, str]]) -> Sequence[tuple[Assignment, str]]:
        """The assignments, each with its event id, as they are to be announced: within which span."""
        return decided

    async def written(self, batch: Batch, written: Written) -> None:
        """The batch is committed: only now is anything told of what was decided in it."""

    def publishing(self, messages: Sequence[Message]) -> AbstractAsyncContextManager[object]:
        """While rows of the outbox are published in one transaction; what was, is told at the end."""
        return nullcontext()


OFF = Tracing()


@contextmanager
def opened(settings: Settings) -> Iterator[Tracing]:
    """Tracing as the environment wants it. What is still to be sent at the end has some seconds, and no more.

    Raises ConfigError.
    """
    if not settings.traced:
        yield OFF
        return
    try:
        from worker.tracing import spans  # noqa: PLC0415 -- takes time and memory, and needs the extra
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("opentelemetry"):
            raise
        log.warning("not_traced", why="the extra is missing", todo="pip install 'salesplan[otel]'")
        yield OFF
        return
    with spans.exported(settings.kafka.group_id) as tracing:
        yield tracing

"""Tracing that is off, and with it what tracing is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext

from worker.ledger.answer import Answer, Written
from worker.records.message import Message
from worker.rules.batch import Work


class Tracing:
    """Tracing that is off: nothing is recorded, and the trace context of an input goes on as it came."""

    is_on = False

    def processing(self, work: Work) -> AbstractContextManager[object]:
        """While the work is under way, in as many transactions as it takes."""
        return nullcontext()

    def transaction(self) -> AbstractContextManager[Callable[[Answer], None]]:
        """While one transaction tries to write the work. The block hands its answer to what it is given."""
        return nullcontext(_ignore)

    async def written(self, work: Work, written: Written) -> None:
        """The work is committed: only now is anything told of what was decided in it."""

    def publishing(self, messages: Sequence[Message]) -> AbstractAsyncContextManager[object]:
        """While rows of the outbox are published in one transaction; what was, is told at the end."""
        return nullcontext()


def _ignore(_: Answer) -> None:
    """An answer that no span shows."""


OFF = Tracing()

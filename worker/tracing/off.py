"""The interface of tracing. Its default form is tracing that is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext

from worker.ledger.answer import Answer, Written
from worker.records.message import Message
from worker.rules.batch import Work


class Tracing:
    """Tracing that is off. It records nothing, and announcements carry the trace context of their input unchanged."""

    is_on = False

    def processing(self, work: Work) -> AbstractContextManager[object]:
        """A block around all transactions that one piece of work takes."""
        return nullcontext()

    def transaction(self) -> AbstractContextManager[Callable[[Answer], None]]:
        """A block around one transaction. The block passes the answer to the function that it gets."""
        return nullcontext(_ignore)

    async def written(self, work: Work, written: Written) -> None:
        """Record the decisions. The caller has committed the work."""

    def publishing(self, messages: Sequence[Message]) -> AbstractAsyncContextManager[object]:
        """A block around one Kafka transaction. Its spans are recorded after the block has succeeded."""
        return nullcontext()


def _ignore(_: Answer) -> None:
    """Take an answer and do nothing."""


OFF = Tracing()

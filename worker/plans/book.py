"""The worker's plan book: a snapshot, replaced by notifications, by looking at intervals, and when a batch says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from db import query
from worker import postgres
from worker.plans.snapshot import load_changes
from worker.rules.ids import PlanNo
from worker.rules.plan import PlanBook
from worker.settings import Settings

CHANNEL = "salesplan_plans"
PLANS_WITH_WAITING = query("plans/with_waiting")
RECONNECT_PAUSE = 1.0

log = structlog.get_logger()


class CachedBook:
    """The plans to match against; ``book`` is never changed, only replaced by a newer one.

    ``seen`` is told of the book after each look for changes that succeeded.
    """

    def __init__(self, seen: Callable[[PlanBook], None]) -> None:
        self.book = PlanBook.empty()
        self._seen = seen
        self._loading = asyncio.Lock()

    async def refresh(self, connection: postgres.Connection) -> None:
        """Read what has changed since. Raises ``postgres.TROUBLE``."""
        async with self._loading:
            old = self.book
            self.book = await load_changes(connection, old)
        self._seen(self.book)
        if self.book.revision != old.revision:
            log.info("plans_loaded", revision=self.book.revision, plans=len(self.book.plans))


async def follow_plans(
    settings: Settings,
    book: CachedBook,
    seen: Callable[[BaseException | None], None],
    wake: Callable[[list[PlanNo]], Awaitable[None]],
) -> None:
    """Keep the book fresh for ever, and wake plans in which leads wait and a manager could take them.

    The connection that listens is also the one that looks every few seconds: if it has died, that finds out.
    ``seen`` is told after each look: None, or the error.
    """
    while True:
        try:
            async with postgres.connected(
                settings.dsn, application_name="salesplan-plans", settings=postgres.INDEX_ONLY
            ) as connection:
                changed = asyncio.Event()
                await postgres.listen(connection, CHANNEL, changed.set)
                while True:
                    changed.clear()
                    await book.refresh(connection)
                    seen(None)
                    while plans := await _to_wake(connection, book.book):
                        await wake(plans)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(settings.plans.refresh_seconds):
                            await changed.wait()
        except postgres.TROUBLE as error:
            seen(error)
            await asyncio.sleep(RECONNECT_PAUSE)


async def _to_wake(connection: postgres.Connection, book: PlanBook) -> list[PlanNo]:
    waiting = await connection.fetch(PLANS_WITH_WAITING)
    return [no for (no,) in waiting if (plan := book.plans.get(no)) and plan.active]

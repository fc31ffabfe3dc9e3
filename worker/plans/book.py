"""Keeps the worker's plan book fresh: after a notification, at intervals, and when a batch finds it outdated."""

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
    """The plans that events are matched against. A book never changes: a refresh puts a newer one into ``book``.

    After each refresh without an error, it calls ``on_refresh`` with the book.
    """

    def __init__(self, on_refresh: Callable[[PlanBook], None]) -> None:
        self.book = PlanBook.empty()
        self._on_refresh = on_refresh
        self._loading = asyncio.Lock()

    async def refresh(self, connection: postgres.Connection) -> None:
        """Read the changes since the last refresh. Raises ``postgres.TROUBLE``."""
        async with self._loading:
            old = self.book
            self.book = await load_changes(connection, old)
        self._on_refresh(self.book)
        if self.book.revision != old.revision:
            log.info("plans_loaded", revision=self.book.revision, plans=len(self.book.plans))


async def follow_plans(
    settings: Settings,
    book: CachedBook,
    on_look: Callable[[BaseException | None], None],
    wake: Callable[[list[PlanNo]], Awaitable[None]],
) -> None:
    """Keep the book fresh, and wake plans that have waiting leads and an active manager. Runs until it is cancelled.

    The connection that listens also runs a statement every few seconds, so the worker notices when it is dead.
    ``on_look`` is called after each look, with None or with the error.
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
                    on_look(None)
                    while plans := await _plans_to_wake(connection, book.book):
                        await wake(plans)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(settings.plans.refresh_seconds):
                            await changed.wait()
        except postgres.TROUBLE as error:
            on_look(error)
            await asyncio.sleep(RECONNECT_PAUSE)


async def _plans_to_wake(connection: postgres.Connection, book: PlanBook) -> list[PlanNo]:
    waiting = await connection.fetch(PLANS_WITH_WAITING)
    return [no for (no,) in waiting if (plan := book.plans.get(no)) and plan.active]

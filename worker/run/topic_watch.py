"""Reports topics that do not fit: before a worker joins, before each session, and at intervals in between.

A fault that can lose records lets no session begin. A running session goes on, since reading on loses fewer records
than stopping would. But the worker reports at once what would stop the next session, and is not ready.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from worker import metrics
from worker.cluster import diagnose, rights
from worker.cluster.topics.check import faults
from worker.cluster.topics.fault import Fault, TopicsUnfitError, Weight
from worker.cluster.topics.needed import names
from worker.failures import waited_out
from worker.intake.poll import Intake
from worker.kafka.admin import Admin, administration
from worker.kafka.limits import AS_SENT, Limit, Limits
from worker.kafka.logs import Logs
from worker.kafka.topic import TopicListing
from worker.log.reminders import Reminders
from worker.metrics import Metrics
from worker.run.health import Health
from worker.settings import Settings

CHECK_TIMEOUT = 30.0


class TopicWatch:
    """Checks the topics, and updates health, metrics and limits."""

    def __init__(
        self, settings: Settings, health: Health, made: Metrics, *, limits: Limits, reminders: Reminders
    ) -> None:
        self._settings = settings
        self._health = health
        self._metrics = made
        self._limits = limits
        self._reminders = reminders

    async def admit(self) -> Logs:
        """Check the topics before anything begins. Raises TopicsUnfitError, and one of ``worker.kafka.TROUBLE``.

        None of these requests creates a topic, whatever the brokers' settings.
        """
        async with asyncio.timeout(CHECK_TIMEOUT), administration(self._settings.kafka) as admin:
            listing = await admin.list_topics(names(self._settings))
            found = self._report(listing)
            needed = rights.needed(self._settings, rights.Job.WORKER)
            denied = diagnose.report_lacking(rights.lacking_on_topics(needed, listing), self._reminders)
            if denied or any(fault.weight is Weight.STOPS for fault in found):
                raise TopicsUnfitError
            return await admin.logs(self._settings.topics.inputs)

    async def follow(self, seconds: float) -> None:
        """Check the topics at intervals, until cancelled. While Kafka is away, this does nothing."""
        while True:
            await asyncio.sleep(seconds)
            with waited_out():
                async with administration(self._settings.kafka) as admin:
                    await self._check(admin, seconds)

    async def _check(self, admin: Admin, seconds: float) -> None:
        while True:
            async with asyncio.timeout(CHECK_TIMEOUT):
                self._report(await admin.list_topics(names(self._settings)))
            await asyncio.sleep(seconds)

    def _report(self, listing: TopicListing) -> list[Fault]:
        self._limits.renew(limits_of(listing))
        found = faults(self._settings, listing)
        for fault in found:
            self._log(fault)
        counts = Counter(fault.weight for fault in found)
        for weight in Weight:
            self._metrics.of(metrics.TOPIC_FAULTS, weight).set(counts[weight])
        self._health.topics = not (counts[Weight.STOPS] or counts[Weight.LIMITS])
        return found

    def _log(self, fault: Fault) -> None:
        tell = self._reminders.warning if fault.weight is Weight.WARNS else self._reminders.error
        tell("topics_unfit", topic=fault.topic, effect=fault.weight, why=fault.why, todo=fault.mend)


def limits_of(listing: TopicListing) -> dict[str, Limit]:
    """The limit of each topic whose settings the user may read."""
    return {
        name: Limit.of(topic.max_message_bytes, topic.settings.get("compression.type", AS_SENT))
        for name, topic in listing.topics.items()
        if topic.max_message_bytes is not None
    }


async def watch_logs(intake: Intake, seconds: float) -> None:
    """Check the logs and the dead letters' partitions at intervals, until cancelled.

    Raises PositionsUnfitError if a topic was created anew. The intake begins again if other inputs than before lack
    partitions for their dead letters.
    """
    while True:
        await asyncio.sleep(seconds)
        with waited_out():
            await intake.check_logs()
            await intake.check_dead_letter_partitions()

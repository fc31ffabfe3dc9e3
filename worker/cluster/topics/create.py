"""Creates the missing topics."""

from __future__ import annotations

from worker.cluster.topics.needed import needed
from worker.kafka.admin import Admin
from worker.kafka.topic import Topic
from worker.settings import Settings


async def create(admin: Admin, settings: Settings) -> list[Topic]:
    """Create the missing topics, and leave existing ones unchanged; returns the new topics.

    Raises one of ``worker.kafka.TROUBLE``.
    """
    wanted = needed(settings, await admin.brokers())
    existing = await admin.topics([topic.name for topic in wanted])
    missing = [topic for topic in wanted if topic.name not in existing]
    if missing:
        await admin.create(missing)
    return missing

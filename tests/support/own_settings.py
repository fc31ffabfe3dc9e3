"""Settings of a test's own: topics that nobody else has, of two partitions each."""

from __future__ import annotations

from uuid import uuid4

from worker.settings import Settings

TOPICS = ("subscription", "order", "failed-payment", "paid", "manager-contact", "lead-assigned")


def own_settings(bootstrap_servers: str, **more: object) -> Settings:
    """The group has a name of its own too; ``more`` are further groups of settings."""
    prefix = f"t{uuid4().hex[:8]}"
    names = {topic.replace("-", "_"): f"{prefix}-{topic}" for topic in TOPICS}
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": bootstrap_servers, "group_id": prefix},
            "topics": {**names, "partitions": 2},
            **more,
        }
    )

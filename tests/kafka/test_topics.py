"""The topics a worker needs, on a real Kafka."""

from uuid import uuid4

import pytest

from tests.servers import KafkaServer
from worker import topics
from worker.kafka.admin import Admin, Topic, administration
from worker.settings import Settings


@pytest.fixture
def settings(kafka_server: KafkaServer) -> Settings:
    prefix = uuid4().hex[:8]
    names = {field: f"{prefix}-{kind}" for field, kind in topics_kinds().items()}
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": kafka_server.bootstrap_servers},
            "topics": {**names, "lead_assigned": f"{prefix}-lead-assigned", "partitions": 2},
        }
    )


def topics_kinds() -> dict[str, str]:
    return {
        "subscription": "subscription",
        "order": "order",
        "failed_payment": "failed-payment",
        "paid": "paid",
        "manager_contact": "manager-contact",
    }


async def made(admin: Admin, settings: Settings, **different: Topic) -> list[str]:
    """All topics, some made differently first; returns what `check` finds."""
    await admin.create(list(different.values()))
    await topics.create(admin, settings)
    return await topics.check(admin, settings)


async def test_create_makes_what_check_wants(settings: Settings) -> None:
    """Inputs, output and dead letters, equal in partitions, with room for what the inputs take; twice is harmless."""
    async with administration(settings.kafka) as admin:
        missing = await topics.check(admin, settings)
        assert len(missing) == 11
        assert all("missing; run `salesplan topics create`" in fault for fault in missing)
        assert len(await topics.create(admin, settings)) == 11
        assert await topics.create(admin, settings) == []
        assert await topics.check(admin, settings) == []
        order = settings.topics.order
        found = await admin.topics([order, f"dlq.{order}"])
        assert found[order] == Topic(order, 2, 1, 12_582_912)
        assert found[f"dlq.{order}"] == Topic(f"dlq.{order}", 2, 1, 12_582_912 + 65_536)


async def test_unequal_partitions_are_a_fault(settings: Settings) -> None:
    """One worker must hold a lead's partition in every topic."""
    async with administration(settings.kafka) as admin:
        (fault,) = await made(admin, settings, paid=Topic(settings.topics.paid, 1, 1, 1_048_576))
    assert fault.startswith("partitions differ")
    assert f"{settings.topics.paid} 1" in fault


async def test_a_dead_letter_topic_must_take_what_its_source_takes(settings: Settings) -> None:
    """Else a large dead letter could not be published, and would hold up all that comes after it."""
    letter = f"dlq.{settings.topics.order}"
    async with administration(settings.kafka) as admin:
        faults = await made(admin, settings, letter=Topic(letter, 1, 1, 1_048_576))
    assert [fault.split(":")[0] for fault in faults] == [letter, letter]
    assert "max.message.bytes is below 12648448" in faults[0]
    assert "has fewer partitions" in faults[1]

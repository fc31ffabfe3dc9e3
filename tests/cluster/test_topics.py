"""The topics a worker needs, on a real Kafka."""

import pytest

from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer
from worker.cluster import topics
from worker.cluster.topics import Fault, Weight
from worker.kafka.admin import Admin, administration
from worker.kafka.topic import Topic
from worker.settings import Settings

MADE_WITH = {
    "cleanup.policy": "delete",
    "compression.type": "producer",
    "message.timestamp.type": "CreateTime",  # of inputs: when it happened is for their senders to say
    "min.insync.replicas": "1",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
    "segment.bytes": "1073741824",
    "unclean.leader.election.enable": "false",
}
BY_BROKERS = {"message.timestamp.type": "LogAppendTime"}


@pytest.fixture
def settings(kafka_server: KafkaServer) -> Settings:
    return own_settings(kafka_server.bootstrap_servers)


async def made(admin: Admin, settings: Settings, *different: Topic) -> list[Fault]:
    """All topics, some made differently first; returns what `check` finds."""
    await admin.create(list(different))
    await topics.create(admin, settings)
    return [fault for fault in await topics.check(admin, settings) if fault.topic in topics.names(settings)]


async def test_create_makes_what_check_wants(settings: Settings) -> None:
    """Inputs, output and dead letters, equal in partitions, with room for what the inputs take; twice is harmless."""
    async with administration(settings.kafka) as admin:
        missing = await topics.check(admin, settings)
        assert [fault.mend for fault in missing[:11]] == ["run `salesplan topics create`"] * 11
        assert len(await topics.create(admin, settings)) == 11
        assert await topics.create(admin, settings) == []
        assert await made(admin, settings) == []
        order = settings.topics.order
        found = await admin.topics([order, f"dlq.{order}"])
        assert found[order] == Topic(order, 2, 1, 12_582_912)
        assert found[f"dlq.{order}"] == Topic(f"dlq.{order}", 2, 1, 12_582_912 + 65_536)


async def test_create_leaves_nothing_to_the_defaults_of_brokers(settings: Settings) -> None:
    """They are whatever somebody has set there for other programs."""
    async with administration(settings.kafka) as admin:
        await topics.create(admin, settings)
        for topic in (await admin.topics(topics.names(settings))).values():
            kept = {name: topic.settings[name] for name in MADE_WITH}
            dated_by = "CreateTime" if topic.name in settings.topics.inputs else "LogAppendTime"
            assert kept == MADE_WITH | {"message.timestamp.type": dated_by}, topic.name


async def test_unequal_partitions_limit_the_workers(settings: Settings) -> None:
    """One of them has to read everything, so that it has all events of a lead."""
    paid = settings.topics.paid
    async with administration(settings.kafka) as admin:
        (fault,) = await made(admin, settings, Topic(paid, 1, 1, 12_582_912))
    assert (fault.topic, fault.weight) == (paid, Weight.LIMITS)
    assert fault.why.startswith("has 1 partitions, where another input has 2")
    where = f"--bootstrap-server {settings.kafka.bootstrap_servers}"
    assert fault.mend == f"kafka-topics.sh {where} --alter --topic {paid} --partitions 2"


async def test_a_dead_letter_topic_must_take_what_its_source_takes(settings: Settings) -> None:
    """Else a large dead letter goes without its value."""
    letter = f"dlq.{settings.topics.order}"
    async with administration(settings.kafka) as admin:
        size, count = await made(admin, settings, Topic(letter, 1, 1, 1_048_576, settings=BY_BROKERS))
    assert [size.topic, count.topic] == [letter, letter]
    assert (size.weight, count.weight) == (Weight.LIMITS, Weight.LIMITS)
    assert size.why.startswith("max.message.bytes is 1048576, should be 12648448")
    assert f"--entity-name {letter} --add-config max.message.bytes=12648448" in size.mend
    waiting = f"those of {settings.topics.order} from 1 on are not read"
    assert count.why == f"has 1 partitions, where an input has 2: {waiting}"
    assert count.mend.endswith(f"--topic {letter} --partitions 2")


async def test_topics_as_brokers_make_them_are_warned_of(settings: Settings) -> None:
    """One partition and 1 MB, as of an input that some sender made by writing to it."""
    inputs = list(settings.topics.inputs)
    async with administration(settings.kafka) as admin:
        found = await made(admin, settings, *[Topic(name, 1, 1, 1_048_588) for name in inputs])
    assert {fault.weight for fault in found} == {Weight.WARNS}
    assert [fault.topic for fault in found] == [*inputs, *inputs]
    sizes, counts = found[:5], found[5:]
    assert all(fault.why.startswith("max.message.bytes is 1048588, should be 12582912") for fault in sizes)
    assert all(fault.why.startswith("has 1 partitions, should have 2") for fault in counts)
    assert all("SALESPLAN_TOPICS__PARTITIONS=1" in fault.mend for fault in counts)

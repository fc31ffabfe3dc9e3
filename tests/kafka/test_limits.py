"""The largest batch for a topic, by the topic's settings and by the refusals of brokers."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.fakes import Clock
from tests.support.make import noise
from tests.support.servers import KafkaServer
from worker.embedded import Kafka as Broker
from worker.embedded import scratch_folder
from worker.kafka.admin import administration
from worker.kafka.limits import Limit, Limits, MessageTooLargeError
from worker.kafka.producer import PlainProducer
from worker.kafka.reader import read_all
from worker.kafka.topic import Topic
from worker.records.message import Message
from worker.settings.kafka import Kafka

TOPIC = "lead-assigned"


def message(value: bytes) -> Message:
    return Message.of(TOPIC, 0, None, value, [])


def limited(size: int, compression: str = "producer") -> Limits:
    limits = Limits()
    limits.renew({TOPIC: Limit.of(size, compression)})
    return limits


def test_a_message_fits_by_its_size_as_the_topic_counts_it() -> None:
    """Compressed as it is sent; uncompressed where the topic compresses anew, with some room for that."""
    assert limited(10_000).fits(message(b"x" * 20_000))
    assert not limited(10_000, "uncompressed").fits(message(b"x" * 20_000))
    assert limited(10_000).fits(message(noise(9_900)))
    assert not limited(10_000, "gzip").fits(message(noise(9_900)))
    assert not limited(10_000).fits(message(noise(10_000)))


def test_what_a_broker_refused_counts_for_a_minute() -> None:
    """A batch of one may be smaller by a byte; of several, by half: nobody knows how much of it was too much."""
    clock = Clock()
    limits = Limits(clock)
    limits.renew({TOPIC: Limit(100_000)})
    limits.note_refusal(TOPIC, 50_000, 7)
    assert limits.of(TOPIC).bytes == 25_000
    limits.note_refusal(TOPIC, 20_000, 1)
    assert limits.of(TOPIC).bytes == 19_999
    clock.now = 60.0
    assert limits.of(TOPIC).bytes == 100_000


def test_of_a_topic_that_is_not_known_the_default_is_taken() -> None:
    assert Limits().of(TOPIC).bytes == 1_048_588


def test_an_announcement_that_does_not_fit_is_refused_with_the_remedy() -> None:
    with pytest.raises(MessageTooLargeError, match=r"^lead-assigned refuses a batch of .* max.message.bytes=\d+$"):
        limited(600).require([message(b"x"), message(noise(1000))])


async def taken(settings: Kafka, limits: Limits, messages: list[Message]) -> bool:
    producer = PlainProducer(settings, limits)
    await producer.start()
    try:
        await producer.send(messages)
    except MessageTooLargeError:
        return False
    finally:
        await producer.stop()
    return True


async def test_a_broker_that_counts_otherwise_is_believed(kafka_server: KafkaServer) -> None:
    """The settings that were read allow more: the first batch is refused, what comes then fits."""
    settings, topic = Kafka(bootstrap_servers=kafka_server.bootstrap_servers), uuid4().hex
    async with administration(settings) as admin:
        await admin.create([Topic(topic, 1, 1, 20_000)])
    messages = [Message.of(topic, 0, b"%d" % number, noise(900 + number), []) for number in range(100)]
    limits = Limits()
    limits.renew({topic: Limit(1_000_000)})
    tries = 0
    while not await taken(settings, limits, messages):
        tries += 1
    assert 1 <= tries <= 4
    found = [record.key async for records in read_all(settings, [topic]) for record in records]
    assert found[-100:] == [b"%d" % number for number in range(100)]


@pytest.mark.parametrize("compression", ["producer", "uncompressed", "gzip"])
async def test_what_fits_is_taken_by_a_broker(kafka_server: KafkaServer, compression: str) -> None:
    """To the byte: the largest that fits is taken, whatever the topic does to it."""
    settings, topic = Kafka(bootstrap_servers=kafka_server.bootstrap_servers), uuid4().hex
    async with administration(settings) as admin:
        await admin.create([Topic(topic, 1, 1, 50_000)])
    limits = Limits()
    limits.renew({topic: Limit.of(50_000, compression)})
    largest = max(size for size in range(47_000, 50_001) if limits.fits(Message.of(topic, 0, b"key", noise(size), [])))
    producer = PlainProducer(settings, limits)
    await producer.start()
    try:
        await producer.send([Message.of(topic, 0, b"key", noise(largest), [])])
    finally:
        await producer.stop()
    assert [len(r.value or b"") async for rs in read_all(settings, [topic]) for r in rs] == [largest]


@pytest.fixture
def narrow_kafka() -> Iterator[Kafka]:
    """A broker that takes requests of 36 MB at most, and closes the connection on any other."""
    with scratch_folder() as folder:
        broker = Broker.start(folder / "kafka", more="socket.request.max.bytes=36000000")
        try:
            yield Kafka(bootstrap_servers=broker.bootstrap_servers)
        finally:
            broker.kill()


async def test_large_messages_go_in_several_requests(narrow_kafka: Kafka) -> None:
    """The client would put one for each partition into a single request."""
    topic, size = uuid4().hex, 11_000_000
    async with administration(narrow_kafka) as admin:
        await admin.create([Topic(topic, 4, 1, 12_000_000)])
    limits = Limits()
    limits.renew({topic: Limit(12_000_000)})
    assert await taken(narrow_kafka, limits, [Message.of(topic, number, b"", noise(size), []) for number in range(4)])
    found = [record.partition async for records in read_all(narrow_kafka, [topic]) for record in records]
    assert sorted(found) == [0, 1, 2, 3]

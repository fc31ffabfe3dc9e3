"""A record that the client can't unpack."""

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from worker.settings.kafka import Kafka


class OddName(str):
    """A header's name whose bytes are no UTF-8."""

    def encode(self, *_: str) -> bytes:
        return b"\xff\xfe"


async def send_odd_name(settings: Kafka, topic: str) -> None:
    """One record on partition 0; aiokafka's own builder would not take the name, so its slow twin builds it."""
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers) as producer:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 10_000)
        batch.append(timestamp=None, key=None, value=b"odd", headers=[(OddName("x"), b"1")])
        await (await producer.send_batch(batch, topic, partition=0))

"""The worker's only access to aiokafka's insides: private attributes, and functions that this module replaces.

Everything else in the project uses public names only; ruff's SLF001 and `tests/kafka/test_insides_alone.py` check it.
Each function says why the worker needs it, and which public way is missing. Each function has a test on a real client,
in `tests/kafka/test_insides.py` or `test_insides_of_producers.py`. The test fails when a release of aiokafka changes
something that the function relies on. Written for aiokafka 0.14.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from ssl import SSLContext
from types import ModuleType
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, codec
from aiokafka import client as aiokafka_client
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin import client as aiokafka_admin
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import BrokerResponseError, kafka_errors
from aiokafka.producer import sender
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.record import default_records, legacy_records
from aiokafka.record._crecords import default_records as fast_default_records
from aiokafka.record._crecords import legacy_records as fast_legacy_records

from worker.records.record import Partition

Client: TypeAlias = AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient
Bootstrap: TypeAlias = Callable[[], Awaitable[None]]
Decode: TypeAlias = Callable[[bytes | memoryview], bytes]

FETCH = 1  # the number of the Fetch request in the protocol

# Every module of aiokafka that sends metadata requests; a test looks for others.
METADATA_SENDERS: tuple[ModuleType, ...] = (aiokafka_client, aiokafka_admin)

# Every module of aiokafka that unpacks batches; a test looks for others.
UNPACKERS: tuple[ModuleType, ...] = (default_records, fast_default_records, legacy_records, fast_legacy_records)


# --- Every client ----------------------------------------------------------------------------------------------------


def connections(client: Client) -> AIOKafkaClient:
    """The connections of a client, which take any request. Consumer and admin client hide them."""
    return client.client if isinstance(client, AIOKafkaProducer) else client._client


def replace_send(connections: AIOKafkaClient, send: Callable[..., Awaitable[Any]]) -> None:
    """Make every request of a client go through ``send``, which takes the arguments of the client's own ``send``.

    A broker that throttles a client stops reading the connection. aiokafka sends its own lookups over the connection of
    the records, and has no option for another one.
    """
    vars(connections)["send"] = send


def close_connection(connections: AIOKafkaClient, node_id: int, group: int) -> None:
    """Close a connection to a broker, if there is one. The next request opens a new one.

    The client closes a connection only by itself, after an error or a timeout.
    """
    if connection := connections._conns.get((node_id, group)):
        connection.close()


def forbid_topic_creation() -> None:
    """Stop every client of this process from creating topics by metadata requests. A second call changes nothing.

    Brokers with ``auto.create.topics.enable=true``, Kafka's default, create a topic that a metadata request names,
    unless the request forbids it. Such a topic has the brokers' defaults, mostly one partition. aiokafka's own requests
    never forbid it: when the client subscribes, refreshes its metadata, or looks for a topic's partitions. It has no
    option for this.
    """
    for module in METADATA_SENDERS:
        assert hasattr(module, "MetadataRequest")  # noqa: S101 -- else another release of the client has it elsewhere
        vars(module)["MetadataRequest"] = partial(MetadataRequest, allow_auto_topic_creation=False)


def register_error(error: type[BrokerResponseError]) -> None:
    """Make aiokafka raise this error for its code. Without it aiokafka reports an unknown error, without the code."""
    kafka_errors.setdefault(error.errno, error)


def bootstrap_servers(client: AIOKafkaClient) -> str:
    """The addresses from the client's constructor. The client has no public way to read them."""
    configured: str = client._bootstrap_servers
    return configured


@contextmanager
def other_bootstrap_servers(client: AIOKafkaClient, servers: list[str]) -> Iterator[None]:
    """Make the client's ``bootstrap`` try these addresses during the block. ``bootstrap`` takes no addresses as an
    argument.
    """
    configured = client._bootstrap_servers
    client._bootstrap_servers = servers
    try:
        yield
    finally:
        client._bootstrap_servers = configured


def replace_bootstrap(client: AIOKafkaClient, instead: Callable[[Bootstrap], Awaitable[None]]) -> None:
    """Replace the client's ``bootstrap``: its start then calls ``instead``.

    ``instead`` gets the original ``bootstrap`` as its argument. A later replacement counts in place of an earlier one.

    The start of a consumer, producer or admin client makes one attempt, and there is no hook before or after it.
    """
    vars(client)["bootstrap"] = partial(instead, AIOKafkaClient.bootstrap.__get__(client))


def renew_credentials(client: AIOKafkaClient, context: SSLContext | None, password: str | None) -> None:
    """Make the client's later connections use these; open ones stay as they are. The client takes them only in its
    constructor.
    """
    client._ssl_context = context
    client._sasl_plain_password = password


def sasl_mechanism(client: AIOKafkaClient) -> str:
    """The client's SASL mechanism, which it has even without a login. The client has no public way to read it."""
    mechanism: str = client._sasl_mechanism
    return mechanism


# --- Consumers -------------------------------------------------------------------------------------------------------


def observe_fetches(client: AIOKafkaClient, observe: Callable[[Partition, bytes], None]) -> None:
    """Call ``observe`` with the batches of each fetched partition, in the bytes that the broker sent.

    A consumer returns records without the fields of their batch, such as the epoch of the leader that wrote it.
    """
    send: Callable[..., Awaitable[Any]] = client.send

    async def send_and_observe(node_id: int, request: Any, **options: Any) -> Any:
        answer = await send(node_id, request, **options)
        if answer is not None and answer.API_KEY == FETCH:
            for topic, partitions in answer.topics:
                for number, *_, batches in partitions:
                    if batches:
                        observe((topic, number), batches)
        return answer

    replace_send(client, send_and_observe)  # all fetches of a consumer go through here


def replace_decoders(decoders: Mapping[str, Decode]) -> None:
    """Make every client of this process unpack batches by these functions. A second call changes nothing.

    The keys are the functions' names in ``aiokafka.codec``. aiokafka's own functions unpack a batch of any size,
    without a bound.
    """
    for module in UNPACKERS:
        names = {name for name in vars(module) if name.endswith("_decode")}
        assert {"gzip_decode", "lz4_decode", "snappy_decode"} <= names <= decoders.keys()  # noqa: S101 -- else another release of the client has others
        vars(module).update({name: decoders[name] for name in names})


def is_in_xerial_blocks(payload: bytes | memoryview) -> bool:
    """True if the snappy data is in the blocks that Java's clients make. Only the replaced decoder can tell."""
    found: bool = codec._detect_xerial_stream(payload)
    return found


# --- Producers -------------------------------------------------------------------------------------------------------


class PreparedBatch(ABC):
    """A batch in its final bytes, in place of the ``BatchBuilder`` that a producer's ``send_batch`` takes.

    A ``BatchBuilder`` encodes records one by one. Nothing in aiokafka takes records that are already encoded.
    """

    @abstractmethod
    def set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        """The client calls this once, before ``build``."""

    @abstractmethod
    def build(self) -> bytes:
        """Return the bytes to send. The client calls this method once for each attempt to send the batch."""

    @abstractmethod
    def record_count(self) -> int: ...

    def close(self) -> None:  # noqa: B027 -- it has nothing to do
        """Do nothing: the batch is complete when the client gets it."""

    def closed(self) -> bool:
        return True

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self.set_producer_state(producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytes:
        return self.build()


def pause_between_transactions(seconds: float) -> None:
    """Set how long any producer waits before it tries again to begin a transaction that the broker does not accept yet.

    The broker still ends the previous transaction, mostly for a few milliseconds. aiokafka waits 20 ms and has no
    setting for it.
    """
    assert hasattr(sender, "BACKOFF_OVERRIDE")  # noqa: S101 -- else another release of the client has it elsewhere
    sender.BACKOFF_OVERRIDE = seconds


async def add_to_transaction(producer: AIOKafkaProducer, partitions: Collection[TopicPartition], group: str) -> None:
    """Make the partitions and the group's offsets part of the open transaction, without sending anything to them.

    aiokafka adds a partition only together with records, and a group only together with offsets.
    """
    transaction = producer._txn_manager
    for partition in partitions:
        transaction.maybe_add_partition_to_txn(partition)
    while transaction.is_in_transaction() and transaction._txn_consumer_group is None:
        await producer._sender._do_add_offsets_to_txn(group)


async def coordinator(producer: AIOKafkaProducer, kind: CoordinationType, key: str) -> int:
    """The id of the broker that coordinates the group or transactional id, from the cache of the producer's sender.

    `AIOKafkaClient.coordinator_lookup` would ask a broker each time, and fails while there is no coordinator.
    """
    node: int = await producer._sender._find_coordinator(kind, key)
    return node


def forget_coordinator(producer: AIOKafkaProducer, kind: CoordinationType) -> None:
    """Make the producer's sender look for the coordinator again. By itself it notices a change only through its own
    requests.
    """
    producer._sender._coordinator_dead(kind)


def cancel_sender(client: Client) -> None:
    """Cancel a producer's sender task; other clients have none. ``stop`` would wait for brokers that may be away."""
    if isinstance(client, AIOKafkaProducer) and client._sender.sender_task is not None:
        client._sender.sender_task.cancel()

"""Leader epochs: the epoch of fetched records, and the offset up to which a leader's log agrees with an epoch.

The client hides the epoch of each batch of records, and has no request that asks about one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NoError, for_code

from worker.kafka.insides import observe_fetches
from worker.kafka.requests.offset_for_leader_epoch import OffsetForLeaderEpochRequest
from worker.records.record import Partition


@dataclass(frozen=True, slots=True)
class Leader:
    """The broker that leads a partition, and its epoch. Each new leader has a higher epoch."""

    node: int
    epoch: int


# Start of a batch: base offset, length of the bytes after these two fields, leader epoch, format.
HEADER = Struct(">qiib")
PREFIX = 12  # bytes of offset and length
OTHER_EPOCH = (74, 75)  # the broker's codes if it leads the partition in another epoch than the request says
UNKNOWN = -1  # formats before the second have no epoch


class FetchedEpochs:
    """The newest leader epoch in the last fetch of each partition."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self.newest: dict[Partition, int] = {}
        observe_fetches(client, self._note)

    def _note(self, partition: Partition, batches: bytes) -> None:
        self.newest[partition] = epoch_of(batches)


def epoch_of(batches: bytes) -> int:
    """Find the highest epoch in these batches, the last of which may be cut off; -1 if no batch has one."""
    found, at = UNKNOWN, 0
    while at + HEADER.size <= len(batches):
        _, length, epoch, magic = HEADER.unpack_from(batches, at)
        if magic >= 2 and epoch > found:
            found = epoch
        at += PREFIX + max(length, 0)
    return found


async def ends_of(
    client: AIOKafkaClient, leaders: Mapping[Partition, Leader], epochs: Mapping[Partition, int]
) -> dict[Partition, int]:
    """Ask each partition's leader for the end of the epoch in its log: later records belong to later epochs.

    The result leaves out a partition whose leader has changed. Raises KafkaError.
    """
    by_node: defaultdict[int, dict[Partition, tuple[int, int]]] = defaultdict(dict)
    for partition, epoch in epochs.items():
        leader = leaders[partition]
        by_node[leader.node][partition] = leader.epoch, epoch
    found: dict[Partition, int] = {}
    for node, asked in by_node.items():
        answer: Any = await client.send(node, OffsetForLeaderEpochRequest(asked))
        found |= dict(_without_errors(answer.topics))
    return found


def _without_errors(topics: Iterable[Any]) -> Iterable[tuple[Partition, int]]:
    for topic, partitions in topics:
        for code, number, _, end in partitions:
            error = for_code(code)
            if error is NoError:
                yield (topic, number), end
            elif code not in OTHER_EPOCH and not error.retriable:
                raise error(f"{topic}[{number}]")

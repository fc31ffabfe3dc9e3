"""Positions of the input partitions, and checks that each still counts in the log that Kafka has now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from db import query
from worker import postgres
from worker.kafka.logs import Logs
from worker.records.record import Partition

READ_POSITIONS = query("positions/read")
START_POSITIONS = query("positions/start")
NAME_LOGS = query("positions/name_logs")
KEEP_EPOCHS = query("positions/keep_epochs")


class PositionsUnfitError(Exception):
    """From these positions the worker would lose or repeat records. Each of ``faults`` names the remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Position:
    """The offset of the next record, and the log that it counts in. Every reset raises ``reading`` by one.

    ``cluster_id``, ``topic_id`` and ``epoch`` are None where they are not known yet. ``epoch`` is the epoch of a leader
    whose log held all records before the position.
    """

    next_offset: int
    reading: int
    cluster_id: str | None
    topic_id: UUID | None
    epoch: int | None

    def names_log(self, partition: Partition, logs: Logs) -> bool:
        """True where the position has both ids of its log, as far as the brokers tell them."""
        topic_id = logs.topics.get(partition[0])
        return not (self.cluster_id is None and logs.cluster_id) and not (self.topic_id is None and topic_id)

    def in_other_cluster(self, logs: Logs) -> bool:
        """True where both cluster ids are known and differ."""
        return None not in (self.cluster_id, logs.cluster_id) and self.cluster_id != logs.cluster_id

    def in_other_topic(self, partition: Partition, logs: Logs) -> bool:
        """True where both topic ids are known and differ: the topic was deleted and created again."""
        topic_id = logs.topics.get(partition[0])
        return None not in (self.topic_id, topic_id) and self.topic_id != topic_id


Positions = Mapping[Partition, Position]


async def read(connection: postgres.Connection, group_id: str) -> dict[Partition, Position]:
    """The position of every partition that was ever read."""
    return {(row[0], row[1]): Position(*row[2:]) for row in await connection.fetch(READ_POSITIONS, group_id)}


async def start(connection: postgres.Connection, group_id: str, earliest: Mapping[Partition, int]) -> None:
    """Give partitions without a position their earliest offset. Existing positions stay as they are."""
    rows = [(*partition, offset) for partition, offset in sorted(earliest.items())]
    await connection.execute(START_POSITIONS, group_id, *zip(*rows, strict=True))


async def name_logs(connection: postgres.Connection, group_id: str, logs: Logs) -> None:
    """Write the ids of the present logs into positions that have none."""
    topics, ids = list(logs.topics), list(logs.topics.values())
    await connection.execute(NAME_LOGS, group_id, logs.cluster_id, topics, ids)


async def keep_epochs(
    connection: postgres.Connection, group_id: str, epochs: Mapping[Partition, tuple[Position, int | None]]
) -> None:
    """Store a leader's epoch with each position that has not moved since it was read.

    ``epochs`` has None where the brokers report no epoch.
    """
    rows = [(*at, position.next_offset, position.reading, epoch) for at, (position, epoch) in sorted(epochs.items())]
    if rows:
        await connection.execute(KEEP_EPOCHS, group_id, *zip(*rows, strict=True))


def refuse_other_logs(positions: Positions, logs: Logs, group_id: str) -> None:
    """Raises PositionsUnfitError where a position counts in another cluster or an earlier topic."""
    if faults := [*_other_clusters(positions, logs, group_id), *_other_topics(positions, logs)]:
        raise PositionsUnfitError(faults)


def _other_clusters(positions: Positions, logs: Logs, group_id: str) -> Iterator[str]:
    inputs = [position for (topic, _), position in positions.items() if topic in logs.topics]
    for cluster_id in sorted({str(position.cluster_id) for position in inputs if position.in_other_cluster(logs)}):
        yield (
            f"another cluster: the positions of group {group_id} are of cluster {cluster_id}, "
            f"KAFKA_BOOTSTRAP_SERVERS leads to {logs.cluster_id}. If it should not, put it right; if the cluster has "
            "moved, `salesplan offsets reset --to earliest --execute` reads all that this one holds (a lead that has "
            "its manager stays with him), `--to TIME` what came since then"
        )


def _other_topics(positions: Positions, logs: Logs) -> Iterator[str]:
    others = {
        partition[0]
        for partition, position in positions.items()
        if position.in_other_topic(partition, logs) and not position.in_other_cluster(logs)
    }
    for topic in sorted(others):
        yield (
            f"{topic}: the topic was made anew, and its positions count in the one before. "
            f"`salesplan offsets reset --to earliest --topic {topic} --execute` reads all that it holds now, "
            "`--to latest` skips that"
        )


def outside_log(partition: Partition, position: int, start: int, end: int) -> str:
    """The fault and its remedy: the position is before the start or after the end of the log."""
    (topic, number), reset = partition, f"salesplan offsets reset --topic {partition[0]}"
    holds = f"{topic}[{number}]: the position is {position}, the log holds {start} to {end}"
    if position < start:
        return (
            f"{holds}: {start - position} offsets were deleted unread. `{reset} --to earliest --execute` goes on "
            "without them, `--to latest` also skips what is there"
        )
    return (
        f"{holds}: what was read after {end} is no longer in it. `{reset} --to latest --execute` goes on with what "
        "comes, `--to earliest` reads all again (a lead that has its manager stays with him)"
    )


def with_newer_leader(found: Positions, logs: Logs) -> dict[Partition, int]:
    """The stored epochs of the partitions whose present leader has a higher one.

    The log of this leader may lack records that the worker has read.
    """
    return {
        partition: position.epoch
        for partition, position in found.items()
        if position.epoch is not None and partition in logs.leaders and logs.leaders[partition].epoch > position.epoch
    }


def with_older_leader(found: Positions, logs: Logs) -> dict[Partition, int]:
    """The stored epochs of the partitions whose present leader has a lower one.

    In one log, epochs only rise. So the answer came from a broker that is behind, or this is another log.
    """
    return {
        partition: position.epoch
        for partition, position in found.items()
        if position.epoch is not None and partition in logs.leaders and logs.leaders[partition].epoch < position.epoch
    }


def refuse_cut_logs(found: Positions, ends: Mapping[Partition, int]) -> None:
    """Raises PositionsUnfitError where a log was cut before its position; ``ends`` are those for the stored epochs."""
    if faults := [
        log_cut(partition, found[partition].next_offset, end)
        for partition, end in sorted(ends.items())
        if is_cut(found[partition], end)
    ]:
        raise PositionsUnfitError(faults)


def is_cut(position: Position, end: int) -> bool:
    """True where the log was cut at ``end``, before the position.

    A negative ``end`` means that the leader does not know.
    """
    return 0 <= end < position.next_offset


def log_cut(partition: Partition, position: int, end: int) -> str:
    """The fault and its remedy: the log was cut before the position, and another leader wrote new records there."""
    (topic, number), reset = partition, f"salesplan offsets reset --topic {partition[0]}"
    return (
        f"{topic}[{number}]: the log was cut at {end} and written on; the position is {position}, and between them "
        f"lie other records now, which nobody has read. `{reset} --to earliest --execute` reads all again (a lead that "
        "has its manager stays with him), `--to TIME` what came since then"
    )


def epochs_went_back(partitions: Mapping[Partition, int], logs: Logs) -> str:
    """The fault and its remedy: these partitions have leaders with a lower epoch than before."""
    each = ", ".join(
        f"{at[0]}[{at[1]}] from {epoch} to {logs.leaders[at].epoch}" for at, epoch in sorted(partitions.items())
    )
    topics = " ".join(f"--topic {topic}" for topic in sorted({topic for topic, _ in partitions}))
    return (
        f"leader epochs went back, {each}: a broker that is behind has answered, or the cluster was restored from an "
        f"older copy. Where it stays so, `salesplan offsets reset {topics} --to earliest --execute` reads all again"
    )

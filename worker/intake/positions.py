"""How far each input partition is read, and whether the log that is there is the one the position counts in."""

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
    """Going on from the positions would lose or repeat records; each of ``faults`` says what resolves it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Position:
    """The offset of the next record, and in which log; ``reading`` goes up with every reset.

    ``cluster_id``, ``topic_id`` and ``epoch`` are None where they are not known yet. The last is an epoch of a leader
    whose log held all that lies before.
    """

    next_offset: int
    reading: int
    cluster_id: str | None
    topic_id: UUID | None
    epoch: int | None

    def is_named(self, partition: Partition, logs: Logs) -> bool:
        """Whether all that can be known of its log is."""
        topic_id = logs.topics.get(partition[0])
        return not (self.cluster_id is None and logs.cluster_id) and not (self.topic_id is None and topic_id)

    def in_other_cluster(self, logs: Logs) -> bool:
        """Whether it is known to count in a log of another cluster."""
        return None not in (self.cluster_id, logs.cluster_id) and self.cluster_id != logs.cluster_id

    def in_other_topic(self, partition: Partition, logs: Logs) -> bool:
        """Whether it is known to count in an earlier topic of the same name."""
        topic_id = logs.topics.get(partition[0])
        return None not in (self.topic_id, topic_id) and self.topic_id != topic_id


Positions = Mapping[Partition, Position]


async def read(connection: postgres.Connection, group_id: str) -> dict[Partition, Position]:
    """Where to read on, for every partition that was ever read."""
    return {(row[0], row[1]): Position(*row[2:]) for row in await connection.fetch(READ_POSITIONS, group_id)}


async def start(connection: postgres.Connection, group_id: str, earliest: Mapping[Partition, int]) -> None:
    """Begin partitions that were never read at their earliest record; those that were are left alone."""
    rows = [(*partition, offset) for partition, offset in sorted(earliest.items())]
    await connection.execute(START_POSITIONS, group_id, *zip(*rows, strict=True))


async def name_logs(connection: postgres.Connection, group_id: str, logs: Logs) -> None:
    """Positions that do not tell yet which log they count in count in the one that is there."""
    topics, ids = list(logs.topics), list(logs.topics.values())
    await connection.execute(NAME_LOGS, group_id, logs.cluster_id, topics, ids)


async def keep_epochs(
    connection: postgres.Connection, group_id: str, epochs: Mapping[Partition, tuple[Position, int | None]]
) -> None:
    """Each position as it was looked at counts in the log of a leader of this epoch; None: of one that tells none."""
    rows = [(*at, kept.next_offset, kept.reading, epoch) for at, (kept, epoch) in sorted(epochs.items())]
    if rows:
        await connection.execute(KEEP_EPOCHS, group_id, *zip(*rows, strict=True))


def refuse_others(positions: Positions, logs: Logs, group_id: str) -> None:
    """Raises PositionsUnfitError where a position counts in another log than the one that is there."""
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


def gone(partition: Partition, position: int, start: int, end: int) -> str:
    """What there is to say of a position that the log does not hold."""
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


def risen(found: Positions, logs: Logs) -> dict[Partition, int]:
    """The epochs of positions whose partition has had another leader since: what that one has not, is lost."""
    return {
        partition: position.epoch
        for partition, position in found.items()
        if position.epoch is not None and partition in logs.leaders and logs.leaders[partition].epoch > position.epoch
    }


def fallen(found: Positions, logs: Logs) -> dict[Partition, int]:
    """The epochs of positions whose partition's leader has a lower one by now, which no leader of its own log has."""
    return {
        partition: position.epoch
        for partition, position in found.items()
        if position.epoch is not None and partition in logs.leaders and logs.leaders[partition].epoch < position.epoch
    }


def refuse_cut(found: Positions, ends: Mapping[Partition, int]) -> None:
    """Raises PositionsUnfitError where a log ends before the position for the epoch that this was read in."""
    if faults := [
        cut(partition, found[partition].next_offset, end)
        for partition, end in sorted(ends.items())
        if is_cut(found[partition], end)
    ]:
        raise PositionsUnfitError(faults)


def is_cut(position: Position, end: int) -> bool:
    """Whether what was read is not what lies there now; ``end`` is negative where the leader does not know."""
    return 0 <= end < position.next_offset


def cut(partition: Partition, position: int, end: int) -> str:
    """What there is to say of a position in a log that was cut before it, and written on by another leader."""
    (topic, number), reset = partition, f"salesplan offsets reset --topic {partition[0]}"
    return (
        f"{topic}[{number}]: the log was cut at {end} and written on; the position is {position}, and between them "
        f"lie other records now, which nobody has read. `{reset} --to earliest --execute` reads all again (a lead that "
        "has its manager stays with him), `--to TIME` what came since then"
    )


def went_back(partitions: Mapping[Partition, int], logs: Logs) -> str:
    """What there is to say of leaders whose epoch has fallen."""
    words = ", ".join(
        f"{at[0]}[{at[1]}] from {epoch} to {logs.leaders[at].epoch}" for at, epoch in sorted(partitions.items())
    )
    topics = " ".join(f"--topic {topic}" for topic in sorted({topic for topic, _ in partitions}))
    return (
        f"leader epochs went back, {words}: a broker that is behind has answered, or the cluster was restored from an "
        f"older copy. Where it stays so, `salesplan offsets reset {topics} --to earliest --execute` reads all again"
    )

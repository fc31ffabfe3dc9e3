"""Shows an operator the positions of the input partitions, and sets them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db import query
from worker import postgres
from worker.intake import positions
from worker.intake.positions import Position
from worker.kafka.admin import administration
from worker.kafka.group.members import Member
from worker.kafka.logs import Logs
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings import Settings

LOCK_POSITIONS = query("positions/lock")
END_READINGS = query("positions/end_readings")
BEGIN_READINGS = query("positions/begin_readings")


class End(StrEnum):
    """The earliest offset of a log, or the offset behind its latest record."""

    EARLIEST = "earliest"
    LATEST = "latest"


Target = End | datetime  # a time means the first record that is not older


class ResetRefusedError(Exception):
    """The positions can't be reset now; the text tells the reason."""


class PositionState(StrEnum):
    """The state of a position. A worker reads on from it only if the state is OK or UNREAD."""

    OK = "ok"
    UNREAD = "not read yet"
    MISSING = "not in the cluster"
    OTHER_CLUSTER = "of another cluster"
    OTHER_TOPIC = "topic made anew"
    CUT = "log cut and written over"
    BEFORE = "before the log"
    BEHIND = "behind the log's end"


@dataclass(frozen=True, slots=True)
class LogBounds:
    """The first offset and the end of a partition's log in Kafka."""

    start: int
    end: int
    open_since: int | None = None  # first offset of an open transaction that holds readers back; None without one


@dataclass(frozen=True, slots=True)
class InputPartition:
    """An input partition. ``position`` is None if no worker has read it; ``log`` is None if Kafka has no such log."""

    partition: Partition
    position: Position | None
    log: LogBounds | None
    state: PositionState
    holder: Member | None = None  # the group's member that the partition is assigned to

    @property
    def same_log(self) -> bool:
        """True if the position counts offsets of the log that exists now."""
        return self.state in {PositionState.OK, PositionState.BEFORE, PositionState.BEHIND}

    @property
    def words(self) -> str:
        """The state in words. If a sender's open transaction holds all readers back, the words tell its offset."""
        if self.state in {PositionState.OK, PositionState.UNREAD} and self.log and self.log.open_since is not None:
            return f"held by an open transaction of a sender since offset {self.log.open_since}"
        return str(self.state)

    @property
    def lag(self) -> int | None:
        """The number of offsets still to be read; None if the position does not fit the log."""
        if self.log is None or not (self.same_log or self.position is None):
            return None
        at = self.position.next_offset if self.position else self.log.start
        return max(self.log.end - at, 0)


@dataclass(frozen=True, slots=True)
class InputState:
    """Every input partition, and the logs of the cluster at that time. ``inputs`` are the topics."""

    logs: Logs
    partitions: list[InputPartition]
    inputs: frozenset[str]

    def held_by_strangers(self) -> dict[str, list[Partition]]:
        """The partitions that consumers other than workers hold, by the consumer's name."""
        found: dict[str, list[Partition]] = {}
        for row in self.partitions:
            if row.holder and row.holder.is_stranger(self.inputs):
                found.setdefault(str(row.holder), []).append(row.partition)
        return found


@dataclass(frozen=True, slots=True)
class Move:
    """A position that is to be set. ``to`` is None if the partition no longer exists; then the reading only ends."""

    input: InputPartition
    to: int | None

    @property
    def read_again(self) -> int:
        """The number of offsets of the same log that will be read a second time."""
        before, log = self.input.position, self.input.log
        if before is None or log is None or self.to is None or not self.input.same_log:
            return 0
        return max(min(before.next_offset, log.end) - self.to, 0)

    @property
    def never_read(self) -> int:
        """The number of offsets that will never be read, because they are skipped or already deleted."""
        if self.to is None or self.input.log is None:
            return 0
        before = self.input.position if self.input.same_log else None
        return max(self.to - (before.next_offset if before else self.input.log.start), 0)


async def read_state(settings: Settings, connection: postgres.Connection) -> InputState:
    """Reads the group's positions from Postgres and the logs from Kafka. Raises the ``TROUBLE`` of either."""
    topics = settings.topics.inputs
    async with administration(settings.kafka) as admin:
        logs = await admin.logs(await admin.topics(topics))
        holders = (await admin.group(settings.kafka.group_id)).holders()
        saved = await positions.read(connection, settings.kafka.group_id)
        ends = await admin.ends_of(positions.with_newer_leader(saved, logs), logs)
    cut = {at for at, end in ends.items() if positions.is_cut(saved[at], end)}
    log_bounds = await _log_bounds(settings, list(logs.topics))
    ours = sorted(log_bounds.keys() | {at for at in saved if at[0] in topics})
    states = {at: _state(at, saved.get(at), log_bounds.get(at), logs, is_cut=at in cut) for at in ours}
    partitions = [
        InputPartition(at, saved.get(at), log_bounds.get(at), state, holders.get(at)) for at, state in states.items()
    ]
    return InputState(logs, partitions, frozenset(topics))


async def _log_bounds(settings: Settings, topics: Collection[str]) -> dict[Partition, LogBounds]:
    """The bounds of each log, and the first offset of an open transaction.

    The read_committed end is read twice. If it stands still below the log's end, an open transaction holds it there.
    """
    first_ends = {at: end for at, (_, end) in (await bounds(settings.kafka, topics, "read_committed")).items()}
    found = await bounds(settings.kafka, topics)
    second_ends = {at: end for at, (_, end) in (await bounds(settings.kafka, topics, "read_committed")).items()}
    return {
        at: LogBounds(start, end, second_ends[at] if second_ends[at] == first_ends[at] < end else None)
        for at, (start, end) in found.items()
    }


def _state(
    partition: Partition, position: Position | None, log: LogBounds | None, logs: Logs, *, is_cut: bool
) -> PositionState:
    if log is None:
        return PositionState.MISSING
    if position is None:
        return PositionState.UNREAD
    if position.in_other_cluster(logs):
        return PositionState.OTHER_CLUSTER
    if position.in_other_topic(partition, logs):
        return PositionState.OTHER_TOPIC
    return PositionState.CUT if is_cut else _state_in(log, position.next_offset)


def _state_in(log: LogBounds, at: int) -> PositionState:
    if at < log.start:
        return PositionState.BEFORE
    return PositionState.BEHIND if at > log.end else PositionState.OK


async def plan_reset(settings: Settings, state: InputState, to: Target, topics: Collection[str]) -> list[Move]:
    """The positions of these topics that a reset would change. Raises ResetRefusedError, or Kafka's ``TROUBLE``."""
    if missing := sorted(set(topics) - state.logs.topics.keys()):
        raise ResetRefusedError(f"{', '.join(missing)}: not in the cluster; run `salesplan topics create`")
    chosen = [row for row in state.partitions if row.partition[0] in topics]
    targets = await _targets(settings, {row.partition: row.log for row in chosen if row.log}, to)
    moves = [Move(row, targets.get(row.partition)) for row in chosen]
    return [move for move in moves if not _stays(move)]


async def _targets(settings: Settings, log_bounds: Mapping[Partition, LogBounds], to: Target) -> dict[Partition, int]:
    if isinstance(to, datetime):
        found = await offsets_at(settings.kafka, log_bounds.keys(), to)
        # If no record is that late, the next record will be.
        return {at: log.end if (offset := found.get(at)) is None else offset for at, log in log_bounds.items()}
    return {at: log.start if to is End.EARLIEST else log.end for at, log in log_bounds.items()}


def _stays(move: Move) -> bool:
    row = move.input
    if row.position is None:
        # A worker that finds no position starts at the earliest record by itself.
        return row.log is None or move.to == row.log.start
    return row.same_log and row.position.next_offset == move.to


async def count_members(settings: Settings) -> int:
    """The number of workers in the group now."""
    async with administration(settings.kafka) as admin:
        return len((await admin.group(settings.kafka.group_id)).members)


async def reset(
    settings: Settings,
    connection: postgres.Connection,
    state: InputState,
    moves: Iterable[Move],
    *,
    to: Target,
    by: str,
) -> None:
    """Sets all these positions or none. The counts of the ended readings stay in ``position_past``.

    A worker that joins meanwhile does no harm, because its batches belong to an earlier reading and are refused. But
    it would hide the effect of the reset from the operator. So this raises ResetRefusedError if the group has a worker.
    """
    if workers := await count_members(settings):
        raise ResetRefusedError(f"{workers} workers are in the group; stop them all, wait until they left it (10 s)")
    group, moves = settings.kafka.group_id, list(moves)
    async with postgres.transaction(connection):
        found = {(row[0], row[1]): Position(*row[2:]) for row in await connection.fetch(LOCK_POSITIONS, group)}
        if any(found.get(move.input.partition) != move.input.position for move in moves):
            raise ResetRefusedError("the positions have moved since they were looked at; try again")
        ended = [move.input.partition for move in moves if move.input.position]
        await connection.execute(END_READINGS, group, *_columns(ended, 2), by, _text(to))
        new_positions = [(*move.input.partition, move.to) for move in moves if move.to is not None]
        ids = [state.logs.topics[topic] for topic, *_ in new_positions]
        await connection.execute(BEGIN_READINGS, group, *_columns(new_positions, 3), state.logs.cluster_id, ids)


def _columns(rows: Collection[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[column] for row in rows] for column in range(width)]


def _text(to: Target) -> str:
    return to.isoformat() if isinstance(to, datetime) else to.value

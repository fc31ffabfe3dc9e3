"""Makes rows of the database from decisions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from worker.ledger.answer import PositionMove
from worker.records.record import Partition
from worker.rules.batch import Batch
from worker.rules.choose import Links
from worker.rules.decide import Assignment, Outcome
from worker.rules.event import Contact, Entry
from worker.rules.plan import Plan

Row = tuple[object, ...]

ID_DIGITS = 12  # hexadecimal digits in the last group of a UUID
ID_TAIL = 4 * ID_DIGITS  # in bits

# The columns of an Entry, in the order of its fields.
ENTRY_COLUMNS = (
    "lead_id",
    "trigger_kind",
    "trigger_ref",
    "trigger_event_id",
    "source_topic",
    "source_partition",
    "source_offset",
    "traceparent",
)
WAITING_COLUMNS = ("plan_no", "arrival", "since", *ENTRY_COLUMNS)
ASSIGNMENT_COLUMNS = (
    "plan_no",
    "plan_seq",
    "manager_id",
    "revision",
    "reason",
    "plan_version",
    "event_id",
    "assigned_at",
    "batch",
    "links",
    *ENTRY_COLUMNS[:-1],
)
# In the order of move_positions.sql.
COUNTED = (
    Outcome.ASSIGNED,
    Outcome.WAITING,
    Outcome.ALREADY_ASSIGNED,
    Outcome.NO_MATCH,
    Outcome.CONTACT_RECORDED,
    Outcome.DEAD_LETTERED,
)


def event_ids(count: int) -> list[str]:
    """Event ids that rise in the order of the decisions: a random UUID (version 7), and the numbers after it."""
    head, tail = divmod(uuid7().int, 2**ID_TAIL)
    tail = min(tail, 2**ID_TAIL - count)  # so that counting up does not reach the digits of the UUID's version
    text = str(UUID(int=head << ID_TAIL))[:-ID_DIGITS]
    return [f"{text}{number:0{ID_DIGITS}x}" for number in range(tail, tail + count)]


def assignment_row(assignment: Assignment, event_id: str, decided_at: datetime, first_arrival_no: int) -> Row:
    """A row of the ledger, with the columns of ASSIGNMENT_COLUMNS. The number of its batch is ``first_arrival_no``."""
    plan, plan_seq, manager_id, reason, entry, links = assignment
    decided = (
        plan.plan_no,
        plan_seq,
        manager_id,
        1,
        reason,
        plan.version,
        event_id,
        decided_at,
        first_arrival_no,
        _links(links),
    )
    return decided + entry[:-1]


def waiting_rows(queued: Iterable[tuple[Plan, Entry]], first_arrival_no: int, since: datetime) -> Iterator[Row]:
    """Rows of waiting leads, with the columns of WAITING_COLUMNS.

    The leads of each plan are numbered from ``first_arrival_no``.
    """
    numbers: Counter[int] = Counter()
    for plan, lead in queued:
        yield (plan.plan_no, first_arrival_no + numbers[plan.plan_no], since, *lead)
        numbers[plan.plan_no] += 1


def contact_rows(contacts: Iterable[tuple[Contact, int]]) -> list[Row]:
    """The rows of record_contacts.sql: the latest contact of each manager with each lead, sorted by key."""
    latest: dict[tuple[str, str, str], tuple[datetime, int]] = {}
    for (account_id, lead_id, manager_id, occurred_at), arrival_no in contacts:
        key = (account_id, lead_id, manager_id)
        contact = (occurred_at, arrival_no)
        latest[key] = max(latest.get(key, contact), contact)
    return [(*key, *contact) for key, contact in sorted(latest.items())]


def position_rows(batch: Batch, outcomes: Sequence[Outcome]) -> list[PositionMove]:
    """One row for each partition of the batch, in order."""
    counts: dict[Partition, Counter[Outcome]] = defaultdict(Counter)
    next_offsets: dict[Partition, int] = {}
    left = iter(outcomes)
    for partition, run in batch.fetched.runs():
        counts[partition].update(islice(left, len(run)))
        next_offsets[partition] = run[-1].offset + 1
    return [
        PositionMove(
            *partition,
            expected := batch.fetched.expected[partition],
            next_offset,
            next_offset - expected - counts[partition].total(),
            *(counts[partition][outcome] for outcome in COUNTED),
        )
        for partition, next_offset in sorted(next_offsets.items())
    ]


def _links(links: Links | None) -> str | None:
    return orjson.dumps(links._asdict()).decode() if links else None

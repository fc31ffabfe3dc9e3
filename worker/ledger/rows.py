"""Decisions become rows of the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from worker.ledger.answer import Moved
from worker.records.record import Partition
from worker.rules.batch import Batch
from worker.rules.choose import Links
from worker.rules.decide import Assignment, Outcome
from worker.rules.event import Arrival, Contact
from worker.rules.plan import Plan

Row = tuple[object, ...]

ID_DIGITS = 12  # the last group of a UUID's
ID_TAIL = 4 * ID_DIGITS  # in bits

# The fields of an Arrival, in its order.
ARRIVAL_COLUMNS = (
    "lead_id",
    "trigger_kind",
    "trigger_ref",
    "trigger_event_id",
    "source_topic",
    "source_partition",
    "source_offset",
    "traceparent",
)
WAITING_COLUMNS = ("plan_no", "arrival", "since", *ARRIVAL_COLUMNS)
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
    *ARRIVAL_COLUMNS[:-1],
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
    """So many ids, rising in the order of the decisions: one random UUID (version 7), counted up."""
    head, tail = divmod(uuid7().int, 2**ID_TAIL)
    tail = min(tail, 2**ID_TAIL - count)  # never into what says of which version it is
    text = str(UUID(int=head << ID_TAIL))[:-ID_DIGITS]
    return [f"{text}{number:0{ID_DIGITS}x}" for number in range(tail, tail + count)]


def assignment_row(assignment: Assignment, event_id: str, decided_at: datetime, batch: int) -> Row:
    """A row of the ledger, as ASSIGNMENT_COLUMNS names its fields."""
    plan, plan_seq, manager_id, reason, arrival, links = assignment
    decided = (plan.plan_no, plan_seq, manager_id, 1, reason, plan.version, event_id, decided_at, batch, _links(links))
    return decided + arrival[:-1]


def waiting_rows(queued: Iterable[tuple[Plan, Arrival]], first_arrival_no: int, since: datetime) -> Iterator[Row]:
    """Rows of waiting leads, as WAITING_COLUMNS names their fields; numbered per plan, so by records at most."""
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


def position_rows(batch: Batch, outcomes: Sequence[Outcome]) -> list[Moved]:
    """Of each partition of the batch one, in order."""
    counts: dict[Partition, Counter[Outcome]] = defaultdict(Counter)
    next_offsets: dict[Partition, int] = {}
    left = iter(outcomes)
    for partition, run in batch.fetched.runs():
        counts[partition].update(islice(left, len(run)))
        next_offsets[partition] = run[-1].offset + 1
    return [
        Moved(
            *partition,
            expected := batch.fetched.expected[partition],
            following,
            following - expected - counts[partition].total(),
            *(counts[partition][outcome] for outcome in COUNTED),
        )
        for partition, following in sorted(next_offsets.items())
    ]


def _links(links: Links | None) -> str | None:
    return orjson.dumps(links._asdict()).decode() if links else None

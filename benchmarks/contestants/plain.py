"""The logic of the contestants: even shares, and each lead at most once in a plan.

A competent engineer would write it like this for asyncpg. Plans are cached, the plan's row is locked, each statement
is a round trip, and the announcement is sent after the commit. After a crash it gives none of the worker's guarantees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel
from uuid_utils.compat import uuid7

Connection = Any  # asyncpg.Connection, or the pool's stand-in for one

LOCK = "select plan_no, last_seq from plain.plan where plan_no = any($1) order by plan_no for update"
KNOWN = """
    select a.plan_no, a.lead_id
    from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
    join plain.assignment a using (plan_no, lead_id)
"""
NEXT = """
    select manager_id from plain.member where plan_no = $1
    order by assigned, last_seq, hashtext(manager_id || $1) limit 1
"""
COUNT = "update plain.member set assigned = assigned + 1, last_seq = $3 where plan_no = $1 and manager_id = $2"
NUMBER = "update plain.plan set last_seq = $2 where plan_no = $1"
INSERT = "insert into plain.assignment values ($1, $2, $3, $4, $5, $6, $7, $8)"
MEMBERS = "select plan_no, manager_id, assigned, last_seq from plain.member where plan_no = any($1) order by 1, 2"
COUNT_ALL = """
    update plain.member m set assigned = n.assigned, last_seq = n.last_seq
    from unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[]) as n (plan_no, manager_id, assigned, last_seq)
    where m.plan_no = n.plan_no and m.manager_id = n.manager_id
"""
NUMBER_ALL = """
    update plain.plan p set last_seq = n.last_seq
    from unnest($1::integer[], $2::bigint[]) as n (plan_no, last_seq)
    where p.plan_no = n.plan_no
"""


class Event(BaseModel):
    """Any of the four events that bring a lead in."""

    event_id: UUID
    occurred_at: datetime
    account_id: str
    lead_id: str
    lgt_id: str | None = None
    offer_id: str | None = None


class Plan(NamedTuple):
    """The fields of a plan that an announcement needs."""

    plan_no: int
    plan_id: str
    name: str
    version: int


class Assigned(NamedTuple):
    """A row of the ledger, and the fields of its announcement."""

    plan: Plan
    event: Event
    kind: str
    manager_id: str
    plan_seq: int
    event_id: UUID
    assigned_at: datetime

    def row(self) -> tuple[object, ...]:
        """The row in the order of the columns of plain.assignment."""
        return (
            *(self.plan.plan_no, self.event.lead_id, self.manager_id, self.plan_seq),
            *(self.kind, self.event.event_id, self.event_id, self.assigned_at),
        )

    def message(self) -> tuple[bytes, bytes]:
        """Key and value of the announcement."""
        value = {
            "event_id": self.event_id,
            "occurred_at": self.assigned_at,
            "account_id": self.event.account_id,
            "lead_id": self.event.lead_id,
            "manager_id": self.manager_id,
            "previous_manager_id": None,
            "revision": 1,
            "plan": {"id": self.plan.plan_id, "name": self.plan.name, "version": self.plan.version},
            "plan_seq": self.plan_seq,
            "label": None,
            "trigger": {
                "kind": self.kind,
                "event_id": self.event.event_id,
                "lgt_id": self.event.lgt_id,
                "offer_id": self.event.offer_id,
            },
            "reason": "even",
        }
        return self.event.lead_id.encode(), orjson.dumps(value)


Book = Mapping[tuple[str, str, str], Sequence[Plan]]


async def book(connection: Connection) -> Book:
    """Reads the plans. The book finds those that an event enters, by account, kind, and LGT or offer."""
    rows = await connection.fetch(
        "select t.*, p.plan_id, p.name, p.version from plain.trigger t join plain.plan p using (plan_no)"
    )
    found: dict[tuple[str, str, str], list[Plan]] = defaultdict(list)
    for row in rows:
        plan = Plan(row["plan_no"], row["plan_id"], row["name"], row["version"])
        found[row["account_id"], row["kind"], row["ref"]].append(plan)
    return found


def kind_of(topic: str) -> str:
    """The kind of event that a topic of the benchmark holds."""
    return topic.rsplit(".", 1)[1]


def entries(book: Book, kind: str, event: Event) -> Sequence[Plan]:
    """The plans that the event enters."""
    return book.get((event.account_id, kind, event.lgt_id or event.offer_id or ""), ())


async def assign(connection: Connection, book: Book, kind: str, event: Event) -> list[Assigned]:
    """Handles one event in one transaction."""
    plans = entries(book, kind, event)
    async with connection.transaction():
        return [found for plan in plans if (found := await _enter(connection, plan, kind, event))]


async def _enter(connection: Connection, plan: Plan, kind: str, event: Event) -> Assigned | None:
    last_seq = (await connection.fetchrow(LOCK, [plan.plan_no]))["last_seq"] + 1
    if await connection.fetch(KNOWN, [plan.plan_no], [event.lead_id]):
        return None
    manager = await connection.fetchval(NEXT, plan.plan_no)
    assigned = Assigned(plan, event, kind, manager, last_seq, uuid7(), datetime.now(UTC))
    await connection.execute(INSERT, *assigned.row())
    await connection.execute(COUNT, plan.plan_no, manager, last_seq)
    await connection.execute(NUMBER, plan.plan_no, last_seq)
    return assigned


@dataclass
class Share:
    """The number of leads of one manager in one plan."""

    manager_id: str
    assigned: int
    last_seq: int


async def assign_all(connection: Connection, book: Book, events: Iterable[tuple[str, Event]]) -> list[Assigned]:
    """Handles many events in one transaction."""
    wanted = [(plan, kind, event) for kind, event in events for plan in entries(book, kind, event)]
    if not wanted:
        return []
    plan_nos = sorted({plan.plan_no for plan, _, _ in wanted})
    async with connection.transaction():
        seqs = dict(map(tuple, await connection.fetch(LOCK, plan_nos)))
        keys = [(plan.plan_no, event.lead_id) for plan, _, event in wanted]
        known = set(map(tuple, await connection.fetch(KNOWN, *zip(*keys, strict=True))))
        shares: dict[int, list[Share]] = defaultdict(list)
        for row in await connection.fetch(MEMBERS, plan_nos):
            shares[row["plan_no"]].append(Share(*list(row)[1:]))
        assigned = _choose(wanted, seqs, known, shares)
        await _write(connection, assigned, seqs, shares)
    return assigned


def _choose(
    wanted: Iterable[tuple[Plan, str, Event]],
    seqs: dict[int, int],
    known: set[tuple[int, str]],
    shares: Mapping[int, Sequence[Share]],
) -> list[Assigned]:
    assigned, now = [], datetime.now(UTC)
    for plan, kind, event in wanted:
        if (key := (plan.plan_no, event.lead_id)) in known:
            continue
        known.add(key)
        share = min(shares[plan.plan_no], key=lambda share: (share.assigned, share.last_seq))
        seqs[plan.plan_no] = share.last_seq = seqs[plan.plan_no] + 1
        share.assigned += 1
        assigned.append(Assigned(plan, event, kind, share.manager_id, share.last_seq, uuid7(), now))
    return assigned


async def _write(
    connection: Connection, assigned: Sequence[Assigned], seqs: Mapping[int, int], shares: Mapping[int, Sequence[Share]]
) -> None:
    rows = [(no, *vars(share).values()) for no, of_plan in shares.items() for share in of_plan]
    await connection.copy_records_to_table(
        "assignment", schema_name="plain", records=[found.row() for found in assigned]
    )
    await connection.execute(COUNT_ALL, *zip(*rows, strict=True))
    await connection.execute(NUMBER_ALL, *zip(*seqs.items(), strict=True))


async def connect(dsn: str) -> Connection:
    """A connection with the default settings of asyncpg."""
    return await asyncpg.connect(dsn)

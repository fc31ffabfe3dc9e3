"""The shared invariants, from the specification alone: nothing here calls what the worker decides or checks by.

I1 conservation, I2 counters, I3 publication, I4 offsets, I5 sequence, I6 rules.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.stage.observed import Observed, Sent
from tests.stage.oracle import Shares, entered_plans, manager_due
from worker.records.record import Record

OUTCOMES = ("assigned", "waiting", "already_assigned", "no_match", "contact_recorded", "dead_lettered")
ERRORS = "__dlq.errors."

Place = tuple[str, int, int]  # topic, partition, offset
Headers = list[tuple[str, bytes | None]]


def violations(found: Observed) -> list[str]:
    """The violations, in words."""
    checks = (conservation, counters, announcements, dead_letters, offsets, rules)
    return [f"{check.__name__}: {fault}" for check in checks for fault in check(found)]


def conservation(found: Observed) -> Iterator[str]:
    """I1: each partition's outcomes are those of the records that were sent to it."""
    rows = {(row["topic"], row["partition"]): row for row in found.positions}
    wanted: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    settled = _outcomes(found)
    for record, outcome in zip(found.sent, settled, strict=True):
        wanted[record.topic, record.partition][outcome] += 1
    for partition, counts in wanted.items():
        row = rows.get(partition)
        stored = {outcome: row[outcome] for outcome in OUTCOMES if row[outcome]} if row else {}
        if sum(stored.values()) != counts.total():
            yield f"{partition}: {counts.total()} records, outcomes {stored}"
        if {kind: stored.get(kind) for kind in ("contact_recorded", "dead_lettered")} != {
            kind: counts.get(kind) for kind in ("contact_recorded", "dead_lettered")
        }:
            yield f"{partition}: outcomes {stored}, not {dict(counts)}"
        if _plans_are_fixed(found) and stored != dict(counts):
            yield f"{partition}: outcomes {stored}, not {dict(counts)}"
    yield from _entries(found)


def _outcomes(found: Observed) -> list[str]:
    """Each record's outcome, given which records brought leads in, while no plan changes."""
    sources = {_source(row) for row in found.assignments}
    return [_outcome(found, record, record[1:] in sources) for record in found.sent]


def _outcome(found: Observed, record: Sent, is_source: bool) -> str:
    event = record.event
    if event.poison:
        return "dead_lettered"
    if event.kind == "manager-contact":
        return "contact_recorded"
    plans = entered_plans(found.versions, event)
    if not plans:
        return "no_match"
    if is_source:
        return "assigned"
    return "waiting" if any(not any(plan["active"]) for plan in plans) else "already_assigned"


def _entries(found: Observed) -> Iterator[str]:
    """Every lead is in the plans its events name, once, and came by a record that was sent."""
    events = {record[1:]: record.event for record in found.sent}
    entries = Counter((row["plan_no"], row["lead_id"]) for row in (*found.assignments, *found.waiting))
    yield from (f"{entry} is {times} times in the plan" for entry, times in entries.items() if times > 1)
    for row in (*found.assignments, *found.waiting):
        event = events.get(_source(row))
        if event is None or (row["account_id"], row["lead_id"], row["trigger_kind"], row["trigger_ref"]) != (
            event.account,
            event.lead,
            event.kind,
            event.ref,
        ):
            yield f"{row['lead_id']} in {row['plan_id']}: its source is another record"
        elif str(row["trigger_event_id"]) != event.fields["event_id"]:
            yield f"{row['lead_id']} in {row['plan_id']}: its trigger has another id"
    if _plans_are_fixed(found):
        leads = (r.event for r in found.sent if not r.event.poison and r.event.kind != "manager-contact")
        wanted = {(plan["plan_no"], e.lead) for e in leads for plan in entered_plans(found.versions, e)}
        yield from (f"{entry} is missing" for entry in sorted(wanted - entries.keys()))
        yield from (f"{entry} should not be" for entry in sorted(entries.keys() - wanted))


def counters(found: Observed) -> Iterator[str]:
    """I2, I5: counters are what the ledger holds, plan_seq is 1..n, and even stays even."""
    ledger, waiting = _by_plan(found.assignments), _by_plan(found.waiting)
    given = Counter((row["account_id"], row["plan_id"], row["manager_id"]) for row in found.assignments)
    for row in found.shares:
        manager = (row["account_id"], row["plan_id"], row["manager_id"])
        if row["assigned_count"] != given[manager]:
            yield f"{manager}: counted {row['assigned_count']}, has {given[manager]}"
    for row in found.counters:
        plan_no = row["plan_no"]
        sequence = sorted(assignment["plan_seq"] for assignment in ledger[plan_no])
        if sequence != list(range(1, len(sequence) + 1)) or row["last_seq"] != len(sequence):
            yield f"plan {plan_no}: plan_seq has gaps, or last_seq {row['last_seq']} is not {len(sequence)}"
        if row["waiting"] != len(waiting[plan_no]):
            yield f"plan {plan_no}: counted {row['waiting']} waiting, not {len(waiting[plan_no])}"
    if _plans_are_fixed(found):
        for version in found.versions:
            active = [m for m, on in zip(version["managers"], version["active"], strict=True) if on]
            shares = [given[version["account_id"], version["plan_id"], manager] for manager in active]
            if version["mode"] == "even" and shares and max(shares) - min(shares) > 1:
                yield f"{version['plan_id']}: shares {shares}"


def announcements(found: Observed) -> Iterator[str]:
    """I3: each assignment once, as it is in the ledger; what else is on the wire is the same bytes."""
    seen = Counter(_id(record) for record in found.announced)
    ledger = {str(row["event_id"]): row for row in found.assignments}
    yield from (f"{name} is on the topic {times} times" for name, times in seen.items() if times > 1)
    yield from (f"{name} is not on the topic" for name in ledger.keys() - seen.keys())
    yield from (f"{name} is of no assignment" for name in seen.keys() - ledger.keys())
    versions = {(row["plan_no"], row["version"]): row for row in found.versions}
    for record in found.announced:
        if row := ledger.get(_id(record)):
            wanted = _announcement(row, versions[row["plan_no"], row["plan_version"]])
            if json.loads(record.value or b"") != wanted or record.key != row["lead_id"].encode():
                yield f"{_id(record)} says {record.value!r}, not {wanted}"
    first: dict[str, tuple[bytes | None, bytes | None, Headers]] = {}
    for record in (*found.announced, *found.copies):
        copy = (record.key, record.value, list(record.headers))
        if first.setdefault(_id(record), copy) != copy:
            yield f"{_id(record)} is there in different bytes"


def _announcement(row: Any, version: Any) -> dict[str, Any]:
    label = {"text": version["label_text"], "color": version["label_color"]}
    subscription = row["trigger_kind"] == "subscription"
    return {
        "event_id": str(row["event_id"]),
        "occurred_at": _time(row["assigned_at"]),
        "account_id": row["account_id"],
        "lead_id": row["lead_id"],
        "manager_id": row["manager_id"],
        "previous_manager_id": None,
        "revision": 1,
        "plan": {"id": row["plan_id"], "name": version["name"], "version": row["plan_version"]},
        "plan_seq": row["plan_seq"],
        "label": label if version["label_text"] else None,
        "trigger": {
            "kind": row["trigger_kind"],
            "event_id": str(row["trigger_event_id"]),
            "lgt_id": row["trigger_ref"] if subscription else None,
            "offer_id": None if subscription else row["trigger_ref"],
        },
        "reason": row["reason"],
    }


def dead_letters(found: Observed) -> Iterator[str]:
    """I3: each poison record once on its own dead-letter topic, byte for byte, and nothing else."""
    poison: Mapping[Place, Sent] = {record[1:]: record for record in found.sent if record.event.poison}
    seen = Counter(_origin(letter) for letter in found.letters)
    yield from (f"{place} {seen[place]} times" for place in poison if seen[place] != 1)
    yield from (f"{place} is no poison" for place in seen.keys() - poison.keys())
    for letter in found.letters:
        if record := poison.get(_origin(letter)):
            own = [header for header in letter.headers if not header[0].startswith(ERRORS)]
            wanted = (f"dlq.{record.topic}", record.event.key, list(record.event.headers))
            if (letter.topic, letter.key, own) != wanted or not _is_told(record, letter):
                yield f"{_origin(letter)} is not as it came"


def _is_told(record: Sent, letter: Record) -> bool:
    """The letter has the value, or tells its size and place where it may go without it."""
    why, value = dict(letter.headers).get(f"{ERRORS}value"), record.event.value
    if record.event.too_large is False or (record.event.too_large is None and why is None):
        return letter.value == value and why is None
    words = (why or b"").decode()
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    return letter.value is None and words.startswith(f"{len(value or b'')} bytes, ") and words.endswith(place)


def offsets(found: Observed) -> Iterator[str]:
    """I4: every input is read from its first record to its end, and only offsets without a record were skipped."""
    positions = {(row["topic"], row["partition"]): row for row in found.positions}
    records = Counter((record.topic, record.partition) for record in found.sent)
    for partition, (first, end) in found.bounds.items():
        row = positions.get(partition)
        read = (row["first_offset"], row["next_offset"], row["skipped"]) if row else None
        if read != (first, end, end - first - records[partition]):
            yield f"{partition}: {read}, but the log has {records[partition]} records, {first} to {end}"


def rules(found: Observed) -> Iterator[str]:
    """I6: each assignment's version was in force then, listed what brought the lead in, and chose as it says."""
    versions = {(row["plan_no"], row["version"]): row for row in found.versions}
    for plan_no, rows in _by_plan(found.assignments).items():
        shares, before = Shares(), 0
        for row in sorted(rows, key=lambda row: row["plan_seq"]):
            version = versions[plan_no, row["plan_version"]]
            following = versions.get((plan_no, row["plan_version"] + 1))
            name = f"{row['plan_id']} {row['plan_seq']}"
            if row["plan_seq"] <= _known(version["after_seq"], 0):
                yield f"{name}: version {row['plan_version']} was not yet in force"
            if following and row["plan_seq"] > _known(following["after_seq"], row["plan_seq"]):
                yield f"{name}: version {row['plan_version']} was no more in force"
            if before > row["plan_version"]:
                yield f"{name}: decided by an older version than the one before"
            wanted = manager_due(version, shares, row["links"])
            if (row["manager_id"], row["reason"]) != wanted:
                yield f"{name}: {row['manager_id']} by {row['reason']}, not {wanted}"
            shares.give(row["manager_id"], row["plan_seq"])
            before = row["plan_version"]


def _known(after_seq: int | None, otherwise: int) -> int:
    """The release before writes no number with its versions."""
    return otherwise if after_seq is None else after_seq


def _plans_are_fixed(found: Observed) -> bool:
    return all(version["version"] == 1 for version in found.versions)


def _by_plan(rows: Sequence[Any]) -> defaultdict[int, list[Any]]:
    by_plan = defaultdict(list)
    for row in rows:
        by_plan[row["plan_no"]].append(row)
    return by_plan


def _source(row: Any) -> Place:
    return row["source_topic"], row["source_partition"], row["source_offset"]


def _id(record: Record) -> str:
    return (dict(record.headers)["ce_id"] or b"").decode()


def _origin(letter: Record) -> Place:
    why = dict(letter.headers)
    topic, partition, offset = ((why[ERRORS + name] or b"").decode() for name in ("topic", "partition", "offset"))
    return topic, int(partition), int(offset)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

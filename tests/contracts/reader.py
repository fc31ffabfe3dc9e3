"""A reader of what the worker sends, as another team would write it: from the schemas and README.md alone.

    python reader.py BOOTSTRAP_SERVERS SCHEMAS lead-assigned=TOPIC order=TOPIC ...

Reads `lead-assigned` and the dead-letter topics of the other kinds to their ends. Writes one JSON object: how many
messages each topic has, and the faults, each with its place and no word of the message. Imports nothing of ours.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from jsonschema import Draft202012Validator, FormatChecker

# A format without a checker would pass: this one names those it has, and there are no others.
FORMATS = FormatChecker(["uuid"])

Record = ConsumerRecord[bytes, bytes]


@FORMATS.checks("date-time", raises=ValueError)
def is_time(value: object) -> bool:
    """The form is for the pattern to say, whether there is such a day and hour for us."""
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


class Schemas:
    """The schema files, by kind: an event, or the headers of one."""

    def __init__(self, folder: Path) -> None:
        self._schemas: dict[str, dict[str, Any]] = {
            file.parent.name: json.loads(file.read_bytes()) for file in folder.glob("*/v1.json")
        }

    def faults(self, kind: str, document: object) -> list[str]:
        """Where the document breaks the schema, and which of its rules."""
        validator = Draft202012Validator(self._schemas[kind], format_checker=FORMATS)
        return [f"{kind} {error.json_path}: {error.validator}" for error in validator.iter_errors(document)]

    def headers(self, kind: str, record: Record) -> dict[str, str | None]:
        """Those headers that the schema names, the last of each name; the others may hold anything."""
        named = self._schemas[kind]["properties"]
        return {name: None if value is None else value.decode() for name, value in record.headers if name in named}


class LeadAssigned:
    """Checks `lead-assigned`, and what only shows over many messages."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._ids: Counter[str] = Counter()
        self._numbers: dict[tuple[str, str], list[int]] = {}

    def faults(self, record: Record) -> list[str]:
        value = json.loads(record.value or b"")
        headers = self._schemas.headers("lead-assigned.headers", record)
        found = [
            *self._schemas.faults("lead-assigned", value),
            *self._schemas.faults("lead-assigned.headers", headers),
        ]
        if found:
            return found
        self._ids[value["event_id"]] += 1
        self._numbers.setdefault((value["account_id"], value["plan"]["id"]), []).append(value["plan_seq"])
        pairs = {"ce_id": "event_id", "ce_subject": "lead_id", "ce_time": "occurred_at"}
        found = [f"{header} differs" for header, field in pairs.items() if headers[header] != value[field]]
        return found if record.key == value["lead_id"].encode() else [*found, "the key is not the lead"]

    def at_the_end(self) -> list[str]:
        """Ids come once; a plan counts without gaps, in whatever order its messages arrive."""
        repeated = [f"{times} messages of one event_id" for times in self._ids.values() if times > 1]
        counts = enumerate(sorted(found) for found in self._numbers.values())
        broken = [plan for plan, found in counts if found != list(range(1, len(found) + 1))]
        return [*repeated, *(f"plan {plan}: plan_seq has gaps or repeats" for plan in broken)]


def dead_letter_faults(schemas: Schemas, kind: str, record: Record) -> list[str]:
    """Of the headers; and a value that its schema accepts should not have been refused."""
    headers = schemas.headers("dead-letter-headers", record)
    found = schemas.faults("dead-letter-headers", headers)
    if not found and record.topic != f"dlq.{headers['__dlq.errors.topic']}":
        found = ["__dlq.errors.topic is another topic"]
    if not found and headers["__dlq.errors.partition"] != str(record.partition):
        found = ["__dlq.errors.partition is another partition"]
    try:
        refused = record.value is None or schemas.faults(kind, json.loads(record.value))
    except ValueError:
        refused = True
    return found if refused else [*found, f"{kind}: the schema accepts the value"]


async def records(bootstrap_servers: str, topics: list[str]) -> AsyncIterator[Record]:
    """All there is in the topics when this begins."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap_servers,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=100,
    )
    async with consumer:
        places = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
        ends = await consumer.end_offsets(places)
        while places := [place for place in places if await consumer.position(place) < ends[place]]:
            for batch in (await consumer.getmany(*places, timeout_ms=200)).values():
                for record in batch:
                    yield record


def check(found: list[Record], schemas: Schemas, kinds: dict[str, str]) -> Iterator[str]:
    """Every fault, with its place."""
    assigned = LeadAssigned(schemas)
    for record in found:
        kind = kinds[record.topic]
        is_letter = record.topic.startswith("dlq.")
        faults = dead_letter_faults(schemas, kind, record) if is_letter else assigned.faults(record)
        yield from (f"{record.topic} {record.partition} {record.offset}: {fault}" for fault in faults)
    yield from assigned.at_the_end()


async def main(bootstrap_servers: str, folder: str, *topics: str) -> dict[str, Any]:
    names = dict(pair.split("=") for pair in topics)
    kinds = {topic if kind == "lead-assigned" else f"dlq.{topic}": kind for kind, topic in names.items()}
    found = [record async for record in records(bootstrap_servers, list(kinds))]
    faults = list(check(found, Schemas(Path(folder)), kinds))
    return {"messages": Counter(record.topic for record in found), "faults": faults}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))  # noqa: T201 -- its answer

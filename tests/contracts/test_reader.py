"""Another team's reader understands every message of a real run, and tells when one is not as it was promised."""

import ast
import asyncio
import dataclasses
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from contracts.export import SCHEMAS
from tests.contracts import reader
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import KINDS, POISON, Event, events
from tests.support.examples import example

SCRIPT = Path(reader.__file__)
OURS = ("worker", "contracts", "db", "tests")
# What is None in sys.modules can't be imported.
APART = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({OURS}))
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
ODD_HEADERS = [("traceparent", b"\xff"), ("x", b"\x00"), ("x", None)]


async def test_it_reads_every_message_of_a_real_run(stage: Stage) -> None:
    """All kinds of events and of poison; as many messages as were decided, and not a fault."""
    random = dice(11)
    stage.start()
    poison = [Event(kind, value, b"k", ODD_HEADERS, poison=True) for kind in KINDS for value in POISON]
    sent = [*islice(events(random, 800), 1500), *poison]
    random.shuffle(sent)
    await stage.send(sent)
    await stage.until_handled()
    await stage.send(islice(events(random, 800, ("failed-payment",)), 300))  # of leads that others have by now
    found = await stage.finish()

    answer = await read(stage)
    assert answer["faults"] == []
    assert answer["messages"] == Counter(record.topic for record in (*found.announced, *found.letters))
    assert len(answer["messages"]) == 1 + len(KINDS)
    values = [json.loads(record.value or b"") for record in found.announced]
    assert {value["reason"] for value in values} == {"even", "linked_contact", "linked_plan"}
    assert {value["label"] and value["label"]["color"] for value in values} == {"#2563eb", None}
    assert {value["label"] is None for value in values} == {True, False}
    assert {"traceparent" in dict(record.headers) for record in found.announced} == {True, False}


async def read(stage: Stage) -> dict[str, Any]:
    """The reader's report on the stage's topics. It runs where nothing of ours can be imported."""
    kafka, topics = stage.settings.kafka.bootstrap_servers, stage.topics
    named = [
        f"{kind}={topic}" for kind, topic in {**topics, "lead-assigned": stage.settings.topics.lead_assigned}.items()
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", APART, str(SCRIPT), kafka, str(SCHEMAS), *named), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_it_imports_nothing_of_ours() -> None:
    """Only the standard library, jsonschema, and aiokafka for reading."""
    nodes = list(ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))))
    imports = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {"." * node.level + (node.module or "") for node in nodes if isinstance(node, ast.ImportFrom)}
    used = {name.partition(".")[0] for name in imports | froms}
    assert used - sys.stdlib_module_names == {"aiokafka", "jsonschema"}
    assert not used & {"importlib", "runpy"}


def test_it_checks_every_format_that_the_schemas_name() -> None:
    """A validator passes over those it does not know."""
    schemas = "".join(file.read_text(encoding="utf-8") for file in SCHEMAS.rglob("*.json"))
    assert set(re.findall(r'"format": "([^"]+)"', schemas)) <= reader.FORMATS.checkers.keys()


Parts = dict[str, Any]
BROKEN: dict[str, tuple[Callable[[Parts, Parts], object], str]] = {
    "a field is missing": (lambda v, h: v.pop("plan_seq"), "$: required"),
    "a wrong type": (lambda v, h: v["plan"].update(version="3"), "$.plan.version: type"),
    "no such day": (lambda v, h: v.update(occurred_at="2026-02-30T10:00:00.000Z"), "$.occurred_at: format"),
    "no header": (lambda v, h: h.pop("ce_id"), "$: required"),
    "another version": (lambda v, h: h.update(ce_type="salesplan.lead.assigned.v2"), "$.ce_type: const"),
    "no trace context": (lambda v, h: h.update(traceparent="00-0-0-01"), "$.traceparent: minLength"),
    "another lead's header": (lambda v, h: h.update(ce_subject="l-78"), "ce_subject differs"),
    "another lead's key": (lambda v, h: (v.update(lead_id="l"), h.update(ce_subject="l")), "the key is not the lead"),
    "a gap": (lambda v, h: v.update(plan_seq=2), "plan_seq has gaps"),
}


@pytest.mark.parametrize("words", BROKEN)
def test_it_tells_what_is_wrong_with_an_assignment(words: str) -> None:
    spoil, expected = BROKEN[words]
    value, headers = example("lead-assigned") | {"plan_seq": 1}, example("lead-assigned.headers")
    assert faults(assigned(value, headers)) == []
    spoil(value, headers)
    assert any(expected in fault for fault in faults(assigned(value, headers)))


def test_it_tells_of_a_message_that_came_twice() -> None:
    message = assigned(example("lead-assigned") | {"plan_seq": 1}, example("lead-assigned.headers"))
    assert faults(message, message)[0] == "2 messages of one event_id"


@pytest.mark.parametrize(
    ("header", "text", "value", "expected"),
    [
        ("__dlq.errors.message", "", b"{}", ["dead-letter-headers $['__dlq.errors.message']: minLength"]),
        ("__dlq.errors.offset", "-1", b"{}", ["dead-letter-headers $['__dlq.errors.offset']: pattern"]),
        ("__dlq.errors.topic", "paid", b"{}", ["__dlq.errors.topic is another topic"]),
        ("__dlq.errors.partition", "4", b"{}", ["__dlq.errors.partition is another partition"]),
        ("of", "nobody", json.dumps(example("order")).encode(), ["order: the schema accepts the value"]),
        ("of", "nobody", b"{}", []),
        ("of", "nobody", None, []),
    ],
)
def test_it_tells_what_is_wrong_with_a_dead_letter(
    header: str, text: str, value: bytes | None, expected: list[str]
) -> None:
    headers = example("dead-letter-headers") | {header: text}
    found = faults(record("dlq.order", 3, b"l-77", value, headers))
    assert found == [f"dlq.order 3 0: {fault}" for fault in expected]


def test_of_a_record_that_died_twice_the_last_headers_hold() -> None:
    headers = example("dead-letter-headers")
    letter = record("dlq.order", 3, b"l-77", b"{}", headers)
    before = [("__dlq.errors.topic", b"paid"), ("__dlq.errors.offset", b"-1")]
    assert faults(dataclasses.replace(letter, headers=[*before, *letter.headers])) == []


def assigned(value: Parts, headers: Parts) -> reader.Record:
    return record("lead-assigned", 0, b"l-77", json.dumps(value).encode(), headers)


def record(topic: str, partition: int, key: bytes, value: bytes | None, headers: Parts) -> reader.Record:
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=[(name, text.encode()) for name, text in headers.items()],
    )


def faults(*records: reader.Record) -> list[str]:
    kinds = {"lead-assigned": "lead-assigned", "dlq.order": "order"}
    return list(reader.check(list(records), reader.Schemas(SCHEMAS), kinds))

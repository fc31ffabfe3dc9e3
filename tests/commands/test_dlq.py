"""`salesplan dlq` as people use it: letters that a worker made, what is shown of them, and what comes of a replay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage
from tests.stage.upstream import Event, event
from tests.support.command import Result
from worker.kafka.reader import bounds, read_all
from worker.records.record import Partition, Record

LIMIT = "1024"  # bytes of a value that the first worker takes; the commands, and the second one, take more
ODD = [("trace", b"\xff\x00"), ("trace", None), ("\u00fc", b"\x1b[31m")]
NOWHERE = "127.0.0.1:1"
NO_FATE = dict.fromkeys(("send", "rejected", "sent", "copy", "foreign", "beyond", "without_value"), 0)


def large(lead: str, **more: Any) -> Event:
    """A good order that is larger than the limit."""
    good = event(dice(6), "order", lead)
    value = {**json.loads(good.value or b""), "padding": "x" * 1024}
    return replace(good, value=json.dumps(value).encode(), headers=ODD, **more)


async def reject(stage: Stage, *events: Event) -> None:
    """Let a worker have these, which takes nothing large."""
    await stage.send(events)
    worker = stage.start(SALESPLAN_INTAKE__MAX_VALUE_BYTES=LIMIT)
    await stage.until_handled()
    await stage.until_published()
    await worker.stop()


async def dlq(stage: Stage, *words: str, **more: str) -> Result:
    return await stage.command("dlq", *words, **more)


async def read(stage: Stage, topic: str) -> list[Record]:
    return [record async for records in read_all(stage.settings.kafka, [topic]) for record in records]


async def ends(stage: Stage) -> Mapping[Partition, tuple[int, int]]:
    topics = stage.settings.topics
    names = (*topics.inputs, topics.lead_assigned, *map(topics.dead_letters, topics.inputs))
    return await bounds(stage.settings.kafka, names)


def rows(result: Result, columns: int) -> list[list[str]]:
    """The rows of a table, without its headings. The words of the last column are one."""
    return [[" ".join(cell.split()) for cell in row.split(maxsplit=columns - 1)] for row in result.out.splitlines()[1:]]


async def test_letters_are_listed_and_shown(stage: Stage) -> None:
    """By topic and reason with their age; one with where it is from, why, its headers, and its value only if asked."""
    order, paid = (stage.topics[kind] for kind in ("order", "paid"))
    bad = [Event("paid", value, b"lead-7", poison=True, partition=1) for value in (b"x", b'"\xff"', None)]
    none = await dlq(stage, "list")
    assert (none.code, none.out, none.err) == (0, "", "There are no dead letters.\n")
    await reject(stage, large("lead-1", partition=0), large("lead-2", partition=0), *bad)

    listed = await dlq(stage, "list")
    assert listed.code == 0, listed
    found = [(row[0], row[1], row[-1]) for row in rows(listed, 9)]
    assert found == [
        (f"dlq.{order}", "2", "ValueError: value: larger than 1024 bytes"),
        (f"dlq.{paid}", "1", "ValueError: value: not JSON"),
        (f"dlq.{paid}", "1", "ValueError: value: not UTF-8"),
        (f"dlq.{paid}", "1", "ValueError: value: null (a tombstone)"),
    ]
    letters = await read(stage, f"dlq.{order}")
    only = json.loads((await dlq(stage, "list", "--topic", order, "--json")).out)
    assert only == [
        {
            "topic": f"dlq.{order}",
            "written_by": "salesplan",
            "exception": "ValueError",
            "reason": "value: larger than 1024 bytes",
            "count": 2,
            "oldest": time(letters[0]),
            "newest": time(letters[1]),
        }
    ]
    late = await dlq(stage, "list", "--since", "2999-01-01T00:00:00Z")
    assert (late.code, late.out, late.err) == (0, "", "There are no such dead letters.\n")

    shown = await dlq(stage, "show", f"dlq.{order}", "0", str(letters[1].offset))
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines() == [
        f"dlq.{order}[0]@{letters[1].offset}, at {time(letters[1])}, written by salesplan",
        f"origin: {order}[0]@1, read by group {stage.settings.kafka.group_id}",
        "reason: ValueError: value: larger than 1024 bytes; send less",
        "today: would be read; only the database could still refuse it",
        "key: lead-2",
        f"value: {len(letters[1].value or b'')} bytes; --value shows it",
        "headers:",
        "  trace: 0xff00",
        "  trace: null",
        "  \u00fc: \\x1b[31m",
        *(f"  __dlq.errors.{name}: {value}" for name, value in why(stage, order).items()),
    ]
    assert (await dlq(stage, "show", order, "0", "1")).out == shown.out
    with_value = json.loads((await dlq(stage, "show", order, "0", "1", "--json", "--value")).out)
    assert with_value["value"] == {"text": (letters[1].value or b"").decode()}
    assert (with_value["today"], with_value["origin"]["offset"]) == ({"rejected": False}, 1)
    rejected = await dlq(stage, "show", paid, "1", "1", "--value")
    assert "today: would be rejected again: value: not UTF-8" in rejected.out
    assert "value: 0x22ff22\n" in rejected.out
    absent = await dlq(stage, "show", paid, "0", "1")
    assert (absent.code, absent.out, absent.err) == (1, "", f"There is no dead letter of {paid}[0]@1, or no longer.\n")


def time(record: Record) -> str:
    return (
        datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def why(stage: Stage, topic: str) -> dict[str, str]:
    """The reason in the headers of the letter that is shown."""
    return {
        "topic": topic,
        "partition": "0",
        "offset": "1",
        "group": stage.settings.kafka.group_id,
        "message": "value: larger than 1024 bytes; send less",
        "exception": "ValueError",
    }


async def test_letters_go_back_and_become_assignments(stage: Stage) -> None:
    """A dry run changes nothing; what today's code rejects stays; twice is no more than once."""
    order = stage.topics["order"]
    events = [large(f"lead-{number}") for number in range(3)]
    await reject(stage, *events, Event("order", b"{", b"lead-9", poison=True), Event("paid", None, b"k", poison=True))
    sent = {record.value: record for record in await read(stage, order)}
    before = await ends(stage)

    dry = await dlq(stage, "replay")
    assert dry.code == 0, dry
    assert rows(dry, 8) == [
        [f"dlq.{order}", "3", "1", "0", "0", "0", "0", "0"],
        [f"dlq.{stage.topics['paid']}", "0", "1", "0", "0", "0", "0", "0"],
    ]
    assert dry.err == "Nothing was changed; add --execute to do it.\n"
    assert await ends(stage) == before

    one = await dlq(stage, "replay", "--topic", order, "--limit", "1", "--execute")
    assert (one.code, one.err) == (0, "Done: 1 letters sent back.\n")
    rest = await dlq(stage, "replay", "--reason", "larger than", "--execute", "--json")
    assert rest.code == 0, rest
    assert json.loads(rest.out) == {
        "executed": True,
        "to_send": 2,
        "sent": 2,
        "unseen": 0,
        "topics": {f"dlq.{order}": dict(NO_FATE, send=2, sent=1)},
    }
    again = await dlq(stage, "replay", "--execute")
    assert (again.code, again.err) == (0, "Nothing to send: nothing was changed.\n")

    back = [record for record in await read(stage, order) if dict(record.headers).get("salesplan.replay")]
    assert len(back) == 3
    for record in back:
        origin = sent[record.value]
        mark = ("salesplan.replay", f"{order}[{origin.partition}]@{origin.offset}".encode())
        assert (record.partition, record.key, list(record.headers)) == (origin.partition, origin.key, [*ODD, mark])

    stage.start()
    await stage.until("they are assigned", lambda: assigned(stage))
    await stage.until_published()
    await stage.workers[-1].stop()
    assert len(await read(stage, stage.settings.topics.lead_assigned)) == 6
    assert await stage.number("select sum(dead_lettered) from salesplan.position") == 5


async def assigned(stage: Stage) -> bool:
    """Each of the three leads, in both plans that take orders of the offer."""
    return await stage.assigned() == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--topic", "lead-assigned"], "lead-assigned: neither an input nor its dead letters"),
        (["list", "--since", "yesterday"], "is a time like 2026-11-23T10:00:00Z"),
        (["replay", "--since", "2026-11-23T10:00:00"], "a time needs its zone"),
        (["replay", "--from", "3"], "--from and --to need one --topic, and --partition"),
        (["replay", "--rate", "0"], "should be greater than or equal to 1"),
        (["show", "order", "0"], "Missing argument 'offset'"),
    ],
)
async def test_what_is_not_understood_is_named(tmp_path: Path, words: list[str], said: str) -> None:
    """Usage errors end with 2, before any server is asked."""
    result = await dlq(Stage(environment("postgresql://nobody", NOWHERE), tmp_path), *words)
    assert result.code == 2, result
    assert said.casefold() in " ".join(result.err.replace("│", " ").split()).casefold()


@pytest.mark.parametrize("words", [["list"], ["show", "order", "0", "0"], ["replay", "--execute"]])
async def test_kafka_that_is_away_is_told_in_a_line(tmp_path: Path, words: list[str]) -> None:
    """Exit 75. No database is asked."""
    nowhere = environment("postgresql://nobody", NOWHERE) | {"SALESPLAN_TOPICS__ORDER": "order"}
    result = await dlq(Stage(nowhere, tmp_path), *words)
    assert (result.code, result.out, "Traceback" in result.err) == (75, "", False), result
    assert result.err.splitlines()[-1].startswith("Kafka: ")

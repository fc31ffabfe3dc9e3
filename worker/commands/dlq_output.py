"""Prints dead letters and replays: lines and tables for people, JSON for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from worker.commands.shell import data, say
from worker.commands.table import print_table
from worker.dlq.letter import Letter
from worker.dlq.read import Group, reason_line
from worker.dlq.replay import LetterFate, ReplayPlan
from worker.outbox.announcements import format_time
from worker.rules.event import Event, Poison
from worker.words.escapes import visible

LATEST = 253_402_300_799_999  # the last millisecond of the year 9999, in ms since 1970
GROUP_HEADINGS = ("TOPIC", "COUNT", "OLDEST", "NEWEST", "REASON")
FATE_HEADINGS = {
    LetterFate.SEND: "SEND",
    LetterFate.REJECTED: "REJECTED AGAIN",
    LetterFate.SENT: "SENT BEFORE",
    LetterFate.COPY: "COPIES",
    LetterFate.BEYOND: "BEYOND LIMIT",
    LetterFate.WITHOUT_VALUE: "WITHOUT VALUE",
    LetterFate.FOREIGN: "NOT OURS",
}


def group_row(group: Group, now: datetime) -> Sequence[object]:
    """The cells of the group's row, in the order of ``GROUP_HEADINGS``."""
    times = (f"{_time(at)} ({_age(now - _moment(at))})" for at in (group.oldest, group.newest))
    return (group.topic, group.count, *times, visible(reason_line(group)))


def group_as_object(group: Group) -> dict[str, Any]:
    """The group as an object for JSON."""
    return {
        "topic": group.topic,
        "written_by": group.writer,
        "exception": group.exception,
        "reason": group.reason,
        "count": group.count,
        "oldest": _time(group.oldest),
        "newest": _time(group.newest),
    }


def show_letter(letter: Letter, event: Event | None, *, value: bool, as_json: bool) -> None:
    """Print the letter, and the result of decoding it again: ``event`` is None if that was not done."""
    if as_json:
        data(orjson.dumps(_letter_as_object(letter, event, value=value)).decode())
        return
    record = letter.record
    data(f"{letter.coordinates}, at {_time(record.timestamp)}, written by {letter.writer}")
    data(f"origin: {letter.origin or 'not told'}" + (f", read by group {visible(letter.group)}" * bool(letter.group)))
    data(f"reason: {visible(': '.join(filter(None, (letter.exception, letter.message)))) or 'not told'}")
    data(f"today: {'not decoded: the letter is without its value' if letter.value_left_out else _today(event)}")
    data(f"key: {_bytes(record.key)}")
    if letter.value_left_out:
        data(f"value: left out: {visible(letter.value_left_out)}")
    else:
        data(f"value: {_bytes(record.value) if value else _size(record.value)}")
    data("headers:")
    for name, content in record.headers:
        data(f"  {visible(name)}: {_bytes(content)}")


def _size(value: bytes | None) -> str:
    if value is None:
        return "null (a tombstone)"
    return f"{len(value)} bytes; --value shows it" if value else "empty"


def _today(event: Event | None) -> str:
    if event is None:
        return "not decoded: the letter names no input, or one that these settings don't have"
    if isinstance(event, Poison):
        return f"would be rejected again: {event.message}"
    return "would be read; only the database could still refuse it"


def _letter_as_object(letter: Letter, event: Event | None, *, value: bool) -> dict[str, Any]:
    record = letter.record
    shown = {"value": _bytes_as_object(record.value)} if value else {}
    return {
        **letter.coordinates._asdict(),
        "time": _time(record.timestamp),
        "written_by": letter.writer,
        "origin": letter.origin._asdict() if letter.origin else None,
        "group": letter.group,
        "exception": letter.exception,
        "message": letter.message,
        "today": None if letter.value_left_out else _today_as_object(event),
        "key": _bytes_as_object(record.key),
        "value_bytes": None if record.value is None else len(record.value),
        "value_left_out": letter.value_left_out or None,
        **shown,
        "headers": [{"name": name, "value": _bytes_as_object(content)} for name, content in record.headers],
    }


def _today_as_object(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    fault = {"exception": event.exception, "message": event.message} if isinstance(event, Poison) else {}
    return {"rejected": isinstance(event, Poison), **fault}


def show_replay_plan(plan: ReplayPlan) -> None:
    """Print how many letters of each topic are sent, and how many are not, by their reasons."""
    print_table(
        ("TOPIC", *FATE_HEADINGS.values()),
        [(topic, *(plan.fates[topic][fate] for fate in FATE_HEADINGS)) for topic in sorted(plan.fates)],
    )
    if any(fates[LetterFate.WITHOUT_VALUE] for fates in plan.fates.values()):
        say(
            "Letters without their value can't be sent back. `dlq show` tells where each record lies. First let the "
            "input take values of that size; then `offsets reset` lets the workers read the record again."
        )
    if plan.beyond_input:
        say(
            f"{plan.beyond_input} of them are older than all records that their input still holds. So an earlier "
            "replay of them could have been deleted there. A letter that is sent twice assigns nothing twice."
        )


def replay_plan_as_object(plan: ReplayPlan, sent: int, *, executed: bool) -> dict[str, Any]:
    """The replay as an object for JSON; ``sent`` is the number of letters that were sent back."""
    return {
        "executed": executed,
        "to_send": len(plan.letters),
        "sent": sent,
        "unseen": plan.beyond_input,
        "topics": {
            topic: {fate.value: fates[fate] for fate in LetterFate} for topic, fates in sorted(plan.fates.items())
        },
    }


def _moment(at: int) -> datetime:
    """The time of a record in UTC. A producer may set any number of ms since 1970, so it is cut to what fits."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(at, 0), LATEST))


def _time(at: int) -> str:
    return format_time(_moment(at))


def _age(age: timedelta) -> str:
    seconds = max(int(age.total_seconds()), 0)
    for unit, length in {"d": 86_400, "h": 3_600, "min": 60}.items():
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _bytes(content: bytes | None) -> str:
    """Bytes in one line: as text if they are UTF-8, otherwise in hexadecimal."""
    if content is None:
        return "null"
    try:
        return visible(content.decode()) or "empty"
    except UnicodeDecodeError:
        return f"0x{content.hex()}"


def _bytes_as_object(content: bytes | None) -> dict[str, str] | None:
    if content is None:
        return None
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"hex": content.hex()}

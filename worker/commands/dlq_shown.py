"""How dead letters and what becomes of them look: plain lines and tables, JSON for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from worker.commands.shell import data, say
from worker.commands.table import print_table
from worker.dlq.letter import Letter
from worker.dlq.read import Group, why
from worker.dlq.replay import Fate, Plan
from worker.outbox.announcements import format_time
from worker.rules.event import Event, Poison

LATEST = 253_402_300_799_999  # the last ms of the year 9999
GROUP_HEADINGS = ("TOPIC", "COUNT", "OLDEST", "NEWEST", "REASON")
FATE_HEADINGS = {
    Fate.SEND: "SEND",
    Fate.REJECTED: "REJECTED AGAIN",
    Fate.SENT: "SENT BEFORE",
    Fate.COPY: "COPIES",
    Fate.BEYOND: "BEYOND LIMIT",
    Fate.WITHOUT_VALUE: "WITHOUT VALUE",
    Fate.FOREIGN: "NOT OURS",
}


def group_row(group: Group, now: datetime) -> Sequence[object]:
    """Its cells, as ``GROUP_HEADINGS`` name them."""
    times = (f"{_time(at)} ({_age(now - _moment(at))})" for at in (group.oldest, group.newest))
    return (group.topic, group.count, *times, _visible(why(group)))


def group_as_object(group: Group) -> dict[str, Any]:
    """As JSON."""
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
    """The letter as it is, and ``event``: what today's code makes of it."""
    if as_json:
        data(orjson.dumps(_letter_as_object(letter, event, value=value)).decode())
        return
    record = letter.record
    data(f"{letter.place}, at {_time(record.timestamp)}, written by {letter.writer}")
    data(f"origin: {letter.origin or 'not told'}" + (f", read by group {_visible(letter.group)}" * bool(letter.group)))
    data(f"reason: {_visible(': '.join(filter(None, (letter.exception, letter.message)))) or 'not told'}")
    data(f"today: {'not looked at: the letter is without its value' if letter.value_left_out else _today(event)}")
    data(f"key: {_bytes(record.key)}")
    if letter.value_left_out:
        data(f"value: left out: {_visible(letter.value_left_out)}")
    else:
        data(f"value: {_bytes(record.value) if value else _size(record.value)}")
    data("headers:")
    for name, content in record.headers:
        data(f"  {_visible(name)}: {_bytes(content)}")


def _size(value: bytes | None) -> str:
    if value is None:
        return "null (a tombstone)"
    return f"{len(value)} bytes; --value shows it" if value else "empty"


def _today(event: Event | None) -> str:
    if event is None:
        return "not looked at: it is of no input of these settings, or does not say of which"
    if isinstance(event, Poison):
        return f"would be rejected again: {event.message}"
    return "would be read; only the database could still refuse it"


def _letter_as_object(letter: Letter, event: Event | None, *, value: bool) -> dict[str, Any]:
    record = letter.record
    shown = {"value": _bytes_as_object(record.value)} if value else {}
    return {
        **letter.place._asdict(),
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


def show_plan(plan: Plan) -> None:
    """What becomes of the letters, by their topics."""
    print_table(
        ("TOPIC", *FATE_HEADINGS.values()),
        [(topic, *(plan.fates[topic][fate] for fate in FATE_HEADINGS)) for topic in sorted(plan.fates)],
    )
    if any(fates[Fate.WITHOUT_VALUE] for fates in plan.fates.values()):
        say(
            "Letters without their value can't be sent back: `dlq show` tells where each record lies, and "
            "`offsets reset` has it read again once its input takes values of that size."
        )
    if plan.unseen:
        say(
            f"{plan.unseen} of them are older than what their input still holds: had they been sent back before, "
            "it could not be seen. Sent twice they assign nothing twice."
        )


def plan_as_object(plan: Plan, sent: int, *, executed: bool) -> dict[str, Any]:
    """As JSON."""
    return {
        "executed": executed,
        "to_send": len(plan.letters),
        "sent": sent,
        "unseen": plan.unseen,
        "topics": {topic: {fate.value: fates[fate] for fate in Fate} for topic, fates in sorted(plan.fates.items())},
    }


def _moment(at: int) -> datetime:
    """Of ms since 1970, which a producer may set to anything."""
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
    """In a line: text where it is UTF-8, and else hexadecimal."""
    if content is None:
        return "null"
    try:
        return _visible(content.decode()) or "empty"
    except UnicodeDecodeError:
        return f"0x{content.hex()}"


def _bytes_as_object(content: bytes | None) -> dict[str, str] | None:
    if content is None:
        return None
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"hex": content.hex()}


def _visible(text: str) -> str:
    """What comes from outside must not steer a terminal, nor make lines of its own."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)

"""Bad records: each becomes a dead letter of its own, and holds nobody up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.faults.bad_values import MARK, bad_values
from tests.stage.environment import PARTITIONS, dice
from tests.stage.stage import Stage
from tests.stage.upstream import KINDS, Event, Header, event
from tests.stage.violations import ERRORS
from worker.records.record import Record

BIG = 5 * 1024 * 1024
OFFERS = {"order": "offer-1", "failed-payment": "offer-2", "paid": "offer-2"}
KEYS = (b"", None, b"\xff\xfe\x00", b"lead")
HEADERS: tuple[tuple[Header, ...], ...] = (
    (),
    (("trace", b"\xff\x00"), ("trace", None), ("trace", b"")),
    (("traceparent", b"\xfe"), ("ce_id", b"7"), ("\u00fc", "\u00fc".encode())),
)


def between_good_ones(random: Random) -> Iterator[Event]:
    """Each bad value between two good events on one partition, on every topic, with odd keys and headers."""
    for kind in KINDS:
        values = [*bad_values(dict(neighbour(random, kind, "", 0).fields)), b" " * BIG]
        for number, value in enumerate(values):
            partition = number % PARTITIONS
            yield neighbour(random, kind, f"{number}-before", partition)
            key, headers = KEYS[number % len(KEYS)], HEADERS[number % len(HEADERS)]
            yield Event(kind, value, key, headers, poison=True, partition=partition)
            yield neighbour(random, kind, f"{number}-after", partition)


def neighbour(random: Random, kind: str, name: str, partition: int) -> Event:
    """A good event with a key and headers that are nobody's business."""
    fields = {"offer_id": OFFERS[kind]} if kind in OFFERS else {}
    good = event(random, kind, f"{kind}-{name}", **fields)
    return Event(kind, good.value, random.choice(KEYS), random.choice(HEADERS), fields=good.fields, partition=partition)


async def test_p11_exactly_the_bad_records_become_dead_letters(stage: Stage) -> None:
    """Byte for byte, with where they came from and why, in words without a payload; their neighbours go through."""
    random = dice(11)
    worker = stage.start()
    await stage.send(between_good_ones(random))
    stranger = event(random, "order", "lead-of-nobody", account_id="nobody")
    await stage.send([stranger, Event("order", stranger.value, b"\xff", HEADERS[1], fields=stranger.fields)])
    found = await stage.finish()

    outcomes = Counter({name: sum(row[name] for row in found.positions) for name in ("assigned", "no_match")})
    leads = [good for good in stage.sent if not good.poison and good.kind != "manager-contact"]
    assert outcomes == {"assigned": len(leads) - 2, "no_match": 2}
    for letter in found.letters:
        why = {name: value or b"" for name, value in letter.headers if name.startswith(ERRORS)}
        assert set(why) == {ERRORS + name for name in ("topic", "partition", "offset", "group", "message", "exception")}
        assert why[ERRORS + "group"].decode() == stage.settings.kafka.group_id
        assert why[ERRORS + "message"] != b""
        assert MARK.encode() not in b"".join(why.values())
    assert MARK not in worker.log.read_text()
    assert {place(letter) for letter in found.letters} == {
        (record.partition, record.offset) for record in found.sent if record.event.poison
    }


def place(letter: Record) -> tuple[int, int]:
    """Dead letters stay on the partition they came from."""
    return letter.partition, int(dict(letter.headers)[ERRORS + "offset"] or b"")

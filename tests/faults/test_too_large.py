"""P28: a message that a broker does not take stops nothing else, loses nothing, and is said."""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.stage.environment import PARTITIONS, dice
from tests.stage.stage import Stage
from tests.stage.topics import limit
from tests.stage.upstream import Event, event
from tests.stage.violations import ERRORS

MEGABYTE = 1_000_000
REQUEST = 16 * MEGABYTE


def large_order(random: Random, size: int, partition: int, *, too_large: bool | None = False) -> Event:
    """A bad order of so many bytes that gzip makes a quarter smaller, and the worker's own compression no smaller."""
    fields = {**event(random, "order", "large").fields, "event_id": "none"}
    around = len(json.dumps({**fields, "more": ""}))
    noise = b64encode(random.randbytes(size))[: size - around].decode()
    value = json.dumps({**fields, "more": noise}).encode()
    return Event("order", value, b"large", poison=True, partition=partition, too_large=too_large)


async def send_compressed(stage: Stage, *large: Event) -> None:
    """As upstream sends what the topic takes only compressed."""
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.settings.kafka.bootstrap_servers, compression_type="gzip", max_request_size=REQUEST
    )
    await producer.start()
    try:
        await stage.send_by(producer, list(large))
    finally:
        await producer.stop()
    stage.sent += large


def leads(random: Random, kind: str, count: int, **fields: str) -> list[Event]:
    return [event(random, kind, f"{kind}-{number}", **fields) for number in range(count)]


def headers_of(letter: Any) -> dict[str, str]:
    return {name.removeprefix(ERRORS): (text or b"").decode() for name, text in letter.headers}


async def test_p28_a_record_that_compresses_better_than_its_letter_goes_without_its_value(stage: Stage) -> None:
    """15 MB of JSON, 11.4 MB on the wire: its topic takes that, and the letter's would have to take 15 MB."""
    random = dice(281)
    worker = stage.start()
    await stage.send(leads(random, "subscription", 20))
    await send_compressed(stage, large_order(random, 15 * MEGABYTE, 1, too_large=True))
    await stage.send(leads(random, "order", 20))
    found = await stage.finish()

    assert sum(row["assigned"] for row in found.positions) == 40
    (letter,) = found.letters
    order = stage.topics["order"]
    place = f"{order}[1]@{headers_of(letter)['offset']}"
    assert headers_of(letter)["value"] == (
        f"15000000 bytes, more than dlq.{order} takes with the rest; the record lies in {place}"
    )
    assert headers_of(letter)["message"] == "value: larger than 1048576 bytes; send less"
    assert not worker.logged("session_over")
    shown = await stage.command("dlq", "show", order, "1", headers_of(letter)["offset"])
    assert (
        f"value: left out: 15000000 bytes, more than dlq.{order} takes with the rest; the record lies in {place}\n"
        in (shown.out)
    )


async def test_p28_an_output_topic_with_a_small_limit_takes_many_announcements(stage: Stage) -> None:
    """Somebody made it with 64 KiB; 4,000 leads are announced in batches that it takes."""
    random = dice(282)
    await limit(stage.settings, stage.settings.topics.lead_assigned, 65_536)
    await stage.send(leads(random, "subscription", 4000))
    worker = stage.start()
    await stage.finish()
    assert not worker.logged("session_over")


async def test_p28_a_letter_with_large_headers_goes_without_them(stage: Stage) -> None:
    """Where value, then headers, then the key are more than the topic takes, the letter says so and is there."""
    random = dice(283)
    await limit(stage.settings, f"dlq.{stage.topics['order']}", 65_536)
    worker = stage.start()
    await stage.until_logged(worker, "session")
    many = tuple((f"name-{number}", random.randbytes(1000)) for number in range(100))
    key = random.randbytes(70_000)
    await send_compressed(
        stage,
        Event("order", b"{", b"key", many, poison=True, partition=0),
        Event("order", b"{", key, many, poison=True, partition=1),
        Event("order", random.randbytes(70_000), b"key", (("one", b"1"),), poison=True, partition=2),
    )
    found = await stage.settle()
    letters = {letter.partition: letter for letter in found.letters}
    assert {partition: (letter.key, letter.value) for partition, letter in letters.items()} == {
        0: (b"key", None),
        1: (None, None),
        2: (b"key", None),
    }
    own = {number: [name for name, _ in letters[number].headers if not name.startswith(ERRORS)] for number in letters}
    assert own == {0: [], 1: [], 2: ["one"]}
    assert [headers_of(letters[number])["value"].split(",")[0] for number in range(3)] == [
        "1 bytes",
        "1 bytes",
        "70000 bytes",
    ]


async def test_p28_what_is_committed_when_a_limit_is_lowered_waits_and_holds_up_nothing(stage: Stage) -> None:
    """Said with topic, size, limit and remedy; not ready; what fits goes out; once it is raised, all is as it was."""
    random = dice(284)
    letters = f"dlq.{stage.topics['order']}"
    worker = stage.start(SALESPLAN_FAILPOINT="after_commit_before_publish")
    # Whatever is in the first batch, one of them is.
    await stage.send([large_order(random, 200_000, partition, too_large=None) for partition in range(PARTITIONS)])
    await stage.send(leads(random, "order", 50))
    await stage.until_gone(worker)
    await limit(stage.settings, letters, 100_000)
    worker = stage.start()
    await stage.until_logged(worker, "messages_held")
    await stage.send(leads(random, "paid", 50, offer_id="offer-2"))
    await stage.until_handled()
    (said,) = worker.logged("messages_held")
    held = said["messages"]
    assert 1 <= held <= PARTITIONS
    assert (said["topic"], said["limit"]) == (letters, 100_000)
    assert 200_000 < said["bytes"] < 201_500
    assert f"--entity-name {letters} --add-config max.message.bytes={said['bytes']}" in said["todo"]
    assert await worker.failing() == {"output", "topics"}
    assert (await worker.metrics()).samples("salesplan_messages_held", "topic") == {(letters,): held}

    async def announced() -> bool:
        return len((await stage.observe()).announced) == 2 * 50 + 50

    await stage.until("all announcements are out", announced)
    holding = await stage.ask("select slot_number from salesplan.outbox where held_topic is not null")
    another = stage.start()
    await stage.until_logged(another, "session")
    assert another.logged("session")[0]["slot"] not in {row["slot_number"] for row in holding}
    await limit(stage.settings, letters, None)
    await stage.until_published()
    await stage.until_ready(worker)
    await stage.finish()


async def test_p28_an_announcement_that_its_topic_does_not_take_is_not_committed(stage: Stage) -> None:
    """Whatever is decided can be announced: the batch waits, which is said, and goes on once the limit is raised."""
    random = dice(285)
    output = stage.settings.topics.lead_assigned
    await limit(stage.settings, output, 600)
    worker = stage.start()
    await stage.send(leads(random, "subscription", 10))
    await stage.until_logged(worker, "kafka_refuses")
    assert (
        f"raise its limit: kafka-configs.sh --alter --entity-type topics --entity-name {output} "
        in (worker.logged("kafka_refuses")[0]["why"])
    )
    assert await stage.assigned() == 0
    await limit(stage.settings, output, None)
    await stage.finish()

"""The published announcement is the stored one, and is as the contract says. Dead letters are byte for byte."""

from datetime import datetime
from uuid import UUID

import cramjam
import msgpack
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.outbound import LeadAssigned
from tests.support.examples import example
from tests.support.make import ARecord, contact, lead, order, plan, poison
from tests.support.office import GROUP, Office, spec, value_of
from tests.support.stories import search
from worker.outbox.packing import pack, unpack
from worker.records.message import Message
from worker.records.record import Header
from worker.rules.batch import Batch, Fetched
from worker.rules.event import Poison, Trigger

TRACEPARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
WORDS = "__dlq.errors."


async def golden(office: Office) -> Message:
    """The message of `contracts/examples/lead-assigned.json`, as far as a new database can make it."""
    rules = plan("june-webinar", "anna", ordered=["offer-9"])
    webinar = {"name": "June webinar", "label": {"text": "Webinar", "color": "#2563eb"}}
    for average_sale in ("1", "2", "3"):
        await office.apply("acme", spec(rules, **webinar, average_sale=average_sale))
    written = await office.write(order("l-77", "offer-9"), headers=[("traceparent", TRACEPARENT)])
    (message,) = written.messages
    return message


async def test_the_message_is_the_golden_one(office: Office) -> None:
    """Field by field, but for its id, its time and a plan_seq that begins at 1."""
    message = await golden(office)
    value, wanted = value_of(message), example("lead-assigned")
    for field in ("event_id", "occurred_at"):
        assert isinstance(value.pop(field), type(wanted.pop(field)))
    assert value == wanted | {"plan_seq": 1}
    assert list(value) == list(wanted)
    assert (message.topic, message.key, message.partition) == ("lead-assigned", b"l-77", None)


async def test_the_headers_are_the_golden_ones(office: Office) -> None:
    """CloudEvents in binary mode, of the value's own id and time; each name once."""
    message = await golden(office)
    value, wanted = value_of(message), example("lead-assigned.headers")
    headers = {name: text.decode() for name, text in message.headers if text is not None}
    assert headers == wanted | {"ce_id": value["event_id"], "ce_time": value["occurred_at"]}
    assert [name for name, _ in message.headers] == list(wanted)


async def test_the_message_is_the_row(office: Office) -> None:
    """Id, time, number, manager, trigger and reason; the outbox holds the same bytes."""
    message = await golden(office)
    assert message.value is not None
    event = LeadAssigned.model_validate_json(message.value)
    row = await office.connection.fetchrow("select * from salesplan_api.assignments")
    assert row is not None
    assert dict(row) == {
        "account_id": event.account_id,
        "plan_id": event.plan.id,
        "lead_id": event.lead_id,
        "manager_id": event.manager_id,
        "plan_seq": event.plan_seq,
        "revision": event.revision,
        "reason": event.reason,
        "plan_version": event.plan.version,
        "trigger_kind": event.trigger.kind,
        "trigger_event_id": event.trigger.event_id,
        "source_topic": "order",
        "source_partition": row["source_partition"],
        "source_offset": 0,
        "event_id": event.event_id,
        "assigned_at": event.occurred_at,
    }
    packed = await office.connection.fetchval("select messages from salesplan.outbox")
    assert unpack(packed) == [message]


async def test_a_subscription_names_its_lgt_and_a_plan_without_label_has_null(office: Office) -> None:
    """The message is the second example of the contract; all fields are there."""
    rules = plan("landing", "anna", "boris", lgts=["landing-7"], mode="linked")
    await office.apply("acme", spec(rules, name="Landing page"))
    written = await office.write(contact("l-77", "anna"), lead("l-77", "landing-7"))
    value, wanted = value_of(written.messages[0]), example("lead-assigned.nulls")
    assert value == wanted | {field: value[field] for field in ("event_id", "occurred_at")}


ODD_TEXTS = ['100% "new" \\u0000', '"\\u0000"', "\\u0000", "%b %(x)s %%", "{0} ü ✓"]


async def test_text_of_any_kind_is_announced_as_it_is(office: Office) -> None:
    """Also what means something in JSON, or where text is filled in; and what a later version says instead."""
    for text in ODD_TEXTS:
        rules = plan("alpha", "50%b", lgts=[text], account="50%b")
        await office.apply("50%b", spec(rules, name=text, label={"text": text}))
        event = lead(text, text)._replace(account_id="50%b")
        (message,) = (await office.write(event)).messages
        value = value_of(message)
        assert (value["plan"]["name"], value["label"]["text"], value["lead_id"]) == (text, text, text)
        assert (value["account_id"], value["manager_id"], value["trigger"]["lgt_id"]) == ("50%b", "50%b", text)
        assert message.value == orjson.dumps(value)


async def test_every_message_has_an_id_of_its_own_that_rises(office: Office) -> None:
    """Readers tell repeats by it; it is stored with the assignment."""
    await office.edit(plan("alpha", "anna", "boris"), plan("beta", "anna", lgts=[], ordered=["offer"]))
    messages = [
        message
        for number in range(3)
        for message in (
            await office.write(*(lead(f"lead-{number}-{place}", "alpha") for place in range(4)), order("x", "offer"))
        ).messages
    ]
    ids = [UUID(value_of(message)["event_id"]) for message in messages]
    assert ids == sorted(set(ids))
    stored = await office.rows("select event_id from salesplan.assignment order by 1")
    assert [event_id for (event_id,) in stored] == ids


async def test_the_decision_is_dated_by_the_database(office: Office) -> None:
    """In UTC to the millisecond, never before what is known to have happened."""
    before: datetime = await office.connection.fetchval("select date_trunc('milliseconds', clock_timestamp())")
    message = await golden(office)
    text: str = value_of(message)["occurred_at"]
    after: datetime = await office.connection.fetchval("select clock_timestamp()")
    assert before <= datetime.fromisoformat(text) <= after
    assert len(text) == len("2026-11-23T10:00:00.123Z")
    assert text.endswith("Z")


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"\xff\xfe",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        b"00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
        TRACEPARENT + b"\n",
        TRACEPARENT + b"-more",
    ],
)
async def test_a_bad_traceparent_is_dropped(office: Office, text: bytes | None) -> None:
    """It is nobody's fault: the lead is assigned and the message goes without."""
    await office.edit(plan("alpha", "anna"))
    written = await office.write(lead("lead-1", "alpha"), headers=[("other", b"x"), ("traceparent", text)])
    assert written.outcomes == {"assigned": 1}
    assert [name for name, _ in written.messages[0].headers if name in ("traceparent", "other")] == []


async def test_a_lead_id_of_any_script_is_key_and_subject(office: Office) -> None:
    """In UTF-8."""
    await office.edit(plan("alpha", "anna"))
    (message,) = (await office.write(lead("лид-77 ✓", "alpha"))).messages
    assert message.key == "лид-77 ✓".encode()
    assert dict(message.headers)["ce_subject"] == message.key
    assert value_of(message)["lead_id"] == "лид-77 ✓"


ODD_HEADERS: list[Header] = [("x", None), ("x", b""), ("x", b"\xff\x00"), ("traceparent", b"bad"), ("ü", b"2")]


@pytest.mark.parametrize("key", [None, b"", b"\xff\x00"])
@pytest.mark.parametrize("value", [None, b"", b"\xff\x00\n", b'{"secret": 1}'])
async def test_a_dead_letter_is_the_record_byte_for_byte(
    office: Office, key: bytes | None, value: bytes | None
) -> None:
    """Key, value and headers as they came, repeated names too, on its own partition; then where and why."""
    why = Poison("invalid", "lead_id: missing", "ValidationError")
    record = ARecord("order", 2, 7, key, value, headers=ODD_HEADERS)
    await office.put(await office.start(Batch(Fetched([record], {("order", 2): 7}), [why])))
    (letter,) = unpack(await office.connection.fetchval("select messages from salesplan.outbox"))
    assert (letter.topic, letter.partition, letter.key, letter.value) == ("dlq.order", 2, key, value)
    assert letter.headers[: len(ODD_HEADERS)] == ODD_HEADERS
    assert letter.headers[len(ODD_HEADERS) :] == [
        (WORDS + "topic", b"order"),
        (WORDS + "partition", b"2"),
        (WORDS + "offset", b"7"),
        (WORDS + "group", GROUP.encode()),
        (WORDS + "message", b"lead_id: missing"),
        (WORDS + "exception", b"ValidationError"),
    ]


async def test_a_dead_letter_of_a_dead_letter_keeps_both_reasons(office: Office) -> None:
    """The headers of its first death stay as they came; readers take the last."""
    first = [(WORDS + "topic", b"paid"), (WORDS + "message", b"old")]
    batch = await office.batch(poison(), headers=first)
    (letter,) = (await office.put(batch)).messages
    assert list(letter.headers[:2]) == first
    assert dict(letter.headers)[WORDS + "topic"] == b"order"


async def test_one_bad_record_holds_nobody_up(office: Office) -> None:
    """Its neighbours are assigned, and all go out in one row."""
    await office.edit(plan("alpha", "anna"))
    written = await office.write(lead("lead-1", "alpha"), poison(), lead("lead-2", "alpha"))
    assert written.outcomes == {"assigned": 2, "dead_lettered": 1}
    (packed,) = await office.rows("select messages from salesplan.outbox")
    assert sorted(message.topic for message in unpack(packed[0])) == ["dlq.order", "lead-assigned", "lead-assigned"]


anything = st.none() | st.binary(max_size=50)
messages = st.lists(
    st.builds(
        Message.of,
        st.text(max_size=10),
        st.none() | st.integers(0, 1000),
        anything,
        anything,
        st.lists(st.tuples(st.text(max_size=10), anything), max_size=4),
    ),
    max_size=5,
)


@search(200)
@given(messages)
async def test_what_is_unpacked_is_what_was_packed(packed: list[Message]) -> None:
    """The same bytes, whatever they are."""
    assert unpack(await pack(packed)) == packed


@search(200)
@given(messages)
def test_a_row_of_the_release_before_is_unpacked(packed: list[Message]) -> None:
    """It holds value and headers by themselves."""
    rows = [(*message[:3], message.value, message.headers) for message in packed]
    assert unpack(bytes(cramjam.zstd.compress(msgpack.packb(rows)))) == packed


@pytest.mark.parametrize("kind", Trigger)
async def test_the_trigger_is_named_by_the_default_word(office: Office, kind: Trigger) -> None:
    """Also where the topic is renamed; the LGT and the offer each have their own field."""
    await office.edit(plan("alpha", "anna", lgts=["it"], ordered=["it"], payment_failed=["it"], paid=["it"]))
    batch = Batch(Fetched([ARecord("renamed", 0, 0)], {("renamed", 0): 0}), [lead("lead-1", "it", kind)])
    (message,) = (await office.put(await office.start(batch))).messages
    trigger = value_of(message)["trigger"]
    assert trigger["kind"] == kind.value
    named = (None, "it") if kind is not Trigger.SUBSCRIPTION else ("it", None)
    assert (trigger["lgt_id"], trigger["offer_id"]) == named

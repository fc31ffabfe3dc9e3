"""Whatever bytes come: no exception, what the published model says, and no key twice."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import example as with_example
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.inbound import INBOUND
from contracts.types import Message
from tests.intake.decode.orders import ORDER, order_and, order_spelt, read
from tests.support.examples import example
from tests.support.strategies import inbound_documents
from worker.rules.event import Contact, Lead, Poison

kinds = st.sampled_from(sorted(INBOUND))


def mutated(document: bytes) -> st.SearchStrategy[bytes]:
    """A good value with a few bytes put in, taken out or changed."""

    def splice(cut: tuple[int, int], new: bytes) -> bytes:
        start, end = sorted(cut)
        return document[:start] + new + document[end:]

    places = st.integers(0, len(document))
    return st.builds(splice, st.tuples(places, places), st.binary(max_size=8))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(kinds, st.none() | st.binary() | mutated(ORDER) | json_values.map(lambda v: json.dumps(v).encode()))
def test_nothing_makes_it_raise(kind: str, value: bytes | None) -> None:
    assert isinstance(read(value, kind), (Lead, Contact, Poison))


@given(kinds, st.data())
def test_agrees_with_the_published_model(kind: str, data: st.DataObject) -> None:
    """The fast way in accepts what the contract's model accepts, and reads the same from it."""
    document = example(kind)
    for field in data.draw(st.sets(st.sampled_from([*document, "amount", "unknown"]), max_size=2)):
        document[field] = data.draw(json_values)
    assert_agrees(kind, json.dumps(document).encode())


@given(inbound_documents())
def test_every_valid_event_is_read_as_the_model_reads_it(case: tuple[str, dict[str, Any]]) -> None:
    kind, document = case
    value = json.dumps(document).encode()
    assert not isinstance(read(value, kind), Poison)
    assert_agrees(kind, value)


def assert_agrees(kind: str, value: bytes) -> None:
    model: type[Message] = INBOUND[kind]
    event = read(value, kind)
    try:
        fields = dict(model.model_validate_json(value))
    except ValidationError:
        assert isinstance(event, Poison)
        return
    if isinstance(event, Poison):  # the model alone sees neither duplicate keys nor NaN
        assert event.reason == "not_json"
    elif isinstance(event, Contact):
        assert event == tuple(fields[name] for name in ("account_id", "lead_id", "manager_id", "occurred_at"))
    else:
        ref = fields["lgt_id"] if kind == "subscription" else fields["offer_id"]
        assert event == (kind, fields["account_id"], fields["lead_id"], ref, fields["event_id"])


def spelt(key: str, escape: Callable[[], bool]) -> str:
    """A JSON string that reads as `key`, any of its characters written as an escape."""
    units = (
        "".join(f"\\u{int.from_bytes(unit, 'big'):04x}" for unit in pairs(character))
        if escape()
        else json.dumps(character, ensure_ascii=False)[1:-1]
        for character in key
    )
    return '"' + "".join(units) + '"'


def pairs(character: str) -> list[bytes]:
    encoded = character.encode("utf-16-be")
    return [encoded[i : i + 2] for i in range(0, len(encoded), 2)]


@st.composite
def objects_with_a_duplicate(draw: st.DrawFn) -> str:
    """An object, some way down, that holds one key twice, each time in a spelling of its own."""
    keys = st.text(st.characters(codec="utf-8"), max_size=5)
    members = draw(st.dictionaries(keys, st.integers(), max_size=4))
    twice = draw(keys)
    names = [*(key for key in members if key != twice), twice, twice]
    flags = st.booleans()
    written = ",".join(f"{spelt(name, lambda: draw(flags))}:0" for name in draw(st.permutations(names)))
    text = "{" + written + "}"
    for shell in draw(st.lists(st.sampled_from(["[%s]", '[0,"x",%s]', '{"a":%s}', '{"a":1,"b":%s}']), max_size=6)):
        text = shell.replace("%s", text)
    return text


@given(objects_with_a_duplicate())
@with_example('{"":0,"":0}')
def test_no_duplicate_key_is_ever_accepted(duplicate: str) -> None:
    """Wherever it is and however it is spelt: in a field that nobody reads too."""
    for value in (order_and(f'"unknown": {duplicate}'), order_spelt("amount", duplicate), duplicate.encode()):
        poison = read(value)
        assert isinstance(poison, Poison)
        assert poison.message.startswith("value: a key appears twice")


@given(st.permutations(list(example("order"))), st.sampled_from(list(example("order"))), st.data())
def test_no_field_of_ours_may_come_twice(order: list[str], field: str, data: st.DataObject) -> None:
    """Not even with the same value."""
    document = example("order")
    names = list(order)
    names.insert(data.draw(st.integers(0, len(names))), field)
    flags = st.booleans()
    members = (f"{spelt(name, lambda: data.draw(flags))}:{json.dumps(document[name])}" for name in names)
    poison = read(("{" + ",".join(members) + "}").encode())
    assert isinstance(poison, Poison)
    assert poison.reason == "not_json"

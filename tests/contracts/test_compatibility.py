"""Within a version nobody is broken: today's schemas against the last released ones."""

import copy
import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import contracts
from contracts.export import SCHEMAS
from contracts.inbound import INBOUND
from tests.contracts.compatibility import Direction, breaks

RELEASED = Path(contracts.__file__).with_name("released")
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

Schema = dict[str, Any]
Fields = dict[str, Schema]

BASE: Schema = {
    "$defs": {"Part": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
    "type": "object",
    "description": "Made for this test: each kind of field that the contract has.",
    "properties": {
        "id": {"type": "string", "minLength": 2, "maxLength": 4},
        "code": {"type": "string", "pattern": "^[a-z]+$"},
        "uuid": {"type": "string", "format": "uuid"},
        "kind": {"type": "string", "enum": ["order", "paid"]},
        "version": {"type": "string", "const": "1.0"},
        "count": {"type": "integer", "minimum": 2, "maximum": 4},
        "note": {"type": "string"},
        "part": {"$ref": "#/$defs/Part", "description": "A reference with words of its own."},
        "maybe": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
    },
    "required": ["id", "code", "uuid", "kind", "version", "count", "part", "maybe"],
}
DOCUMENT: dict[str, Any] = {
    "id": "abc",
    "code": "abc",
    "uuid": "0199a3c0-7d11-7c43-8000-5a0f3f8f6f10",
    "kind": "order",
    "version": "1.0",
    "count": 3,
    "note": "n",
    "part": {"n": 1},
    "maybe": None,
}
VALUES: tuple[object, ...] = (
    *("a", "ab", "abcd", "abcde", "ABC", "0199a3c0-7d11-7c43-8000-5a0f3f8f6f10", "order", "paid", "refund"),
    *("1.0", "1.1", 1, 2, 4, 5, 2.5, True, None, {}, {"n": 1}, {"n": "1"}, {"n": 1, "m": 1}),
)


def changed(change: Callable[[Schema, Fields], object]) -> Schema:
    """The base after a change that is given the schema and its fields."""
    schema = copy.deepcopy(BASE)
    change(schema, schema["properties"])
    return schema


NONE, READ, SENT, BOTH = (), ("read",), ("sent",), ("read", "sent")
# What is changed, for which direction it is a break, and how.
CHANGES: dict[str, tuple[tuple[str, ...], Callable[[Schema, Fields], object]]] = {
    "nothing": (NONE, lambda s, f: None),
    "words": (NONE, lambda s, f: (s.update(title="Other"), f["id"].update(description="other", default="abc"))),
    "a field is removed": (BOTH, lambda s, f: f.pop("note")),
    "a required field is removed": (BOTH, lambda s, f: (f.pop("code"), s["required"].remove("code"))),
    "an optional field is new": (NONE, lambda s, f: f.update(new={"type": "string"})),
    "a required field is new": (READ, lambda s, f: (f.update(new={"type": "string"}), s["required"].append("new"))),
    "made required": (READ, lambda s, f: s["required"].append("note")),
    "made optional": (SENT, lambda s, f: s["required"].remove("code")),
    "another type": (BOTH, lambda s, f: f.update(note={"type": "integer"})),
    "a wider type": (SENT, lambda s, f: f["count"].update(type="number")),
    "any type": (BOTH, lambda s, f: f.update(note={})),
    "longer text": (SENT, lambda s, f: f["id"].update(maxLength=5)),
    "shorter text": (READ, lambda s, f: f["id"].update(maxLength=3)),
    "less text": (SENT, lambda s, f: f["id"].update(minLength=1)),
    "more text": (READ, lambda s, f: f["id"].update(minLength=3)),
    "no limit to text": (SENT, lambda s, f: f["id"].pop("maxLength")),
    "a limit that was not there": (READ, lambda s, f: f["note"].update(maxLength=1)),
    "higher numbers": (SENT, lambda s, f: f["count"].update(maximum=5)),
    "no higher numbers": (READ, lambda s, f: f["count"].update(maximum=3)),
    "lower numbers": (SENT, lambda s, f: f["count"].update(minimum=1)),
    "no lower numbers": (READ, lambda s, f: f["count"].update(minimum=3)),
    "another pattern": (BOTH, lambda s, f: f["code"].update(pattern="^[A-Z]+$")),
    "no pattern": (SENT, lambda s, f: f["code"].pop("pattern")),
    "a pattern that was not there": (READ, lambda s, f: f["note"].update(pattern="^[a-z]+$")),
    "no format": (SENT, lambda s, f: f["uuid"].pop("format")),
    "a format that was not there": (READ, lambda s, f: f["note"].update(format="uuid")),
    "one more word": (SENT, lambda s, f: f["kind"]["enum"].append("refund")),
    "one word less": (READ, lambda s, f: f["kind"]["enum"].remove("paid")),
    "any word": (SENT, lambda s, f: f["kind"].pop("enum")),
    "only some words": (READ, lambda s, f: f["note"].update(enum=["abc"])),
    "another constant": (BOTH, lambda s, f: f["version"].update(const="1.1")),
    "a constant with a brother": (SENT, lambda s, f: f.update(version={"type": "string", "enum": ["1.0", "1.1"]})),
    "null where there was none": (SENT, lambda s, f: f.update(note={"anyOf": [{"type": "string"}, {"type": "null"}]})),
    "null no longer": (READ, lambda s, f: f.update(maybe={"$ref": "#/$defs/Part"})),
    "inside: a field made optional": (SENT, lambda s, f: s["$defs"]["Part"].pop("required")),
    "inside: a required field is new": (READ, lambda s, f: part_with_m(s, ["n", "m"])),
    "inside: an optional field is new": (NONE, lambda s, f: part_with_m(s, ["n"])),
    "inside: another type": (BOTH, lambda s, f: s["$defs"]["Part"]["properties"].update(n={"type": "string"})),
}


# What README.md forbids though a reader would do without it, and what the check can't judge.
STRICTER = {
    ("a field is removed", "read"),
    ("a field is removed", "sent"),
    ("a required field is removed", "read"),
    ("any type", "read"),
}


def part_with_m(schema: Schema, required: list[str]) -> None:
    part = schema["$defs"]["Part"]
    part["properties"]["m"] = {"type": "integer"}
    part["required"] = required


def documents() -> Iterator[dict[str, Any]]:
    """The document with each field missing, and with each field (a new one, too) having each value."""
    for name in [*DOCUMENT, "new"]:
        yield {key: value for key, value in DOCUMENT.items() if key != name}
        yield from (DOCUMENT | {name: value} for value in VALUES)


def test_released_schemas_are_still_kept_to() -> None:
    """A file that fails here needs a v2 beside it, see contracts/README.md."""
    files = sorted(RELEASED.rglob("*.json"))
    assert files
    for file in files:
        today = json.loads((SCHEMAS / file.relative_to(RELEASED)).read_text(encoding="utf-8"))
        direction: Direction = "read" if file.parent.name in INBOUND else "sent"
        assert breaks(json.loads(file.read_text(encoding="utf-8")), today, direction) == [], file.parent.name


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_is_judged(change: str, direction: Direction) -> None:
    expected, apply = CHANGES[change]
    found = breaks(BASE, changed(apply), direction)
    assert bool(found) == (direction in expected), found


@pytest.mark.parametrize(("change", "direction"), sorted({*product(CHANGES, DIRECTIONS)} - STRICTER))
def test_what_is_expected_of_a_change_is_what_a_validator_says(change: str, direction: Direction) -> None:
    """A break is one because some document that was fine for one side is refused by the other."""
    expected, apply = CHANGES[change]
    released, today = BASE, changed(apply)
    sender, reader = (released, today) if direction == "read" else (today, released)
    sends, takes = (Draft202012Validator(s, format_checker=FormatChecker(["uuid"])).is_valid for s in (sender, reader))
    # Fields that a sender's schema does not name are not sent yet, or no longer.
    known = [document for document in documents() if document.keys() <= sender["properties"].keys()]
    refused = [document for document in known if sends(document) and not takes(document)]
    assert bool(refused) == (direction in expected)


def test_the_field_and_the_keyword_are_named() -> None:
    today = changed(lambda s, f: (f["id"].update(maxLength=3), s["required"].append("note"), f.pop("code")))
    assert breaks(BASE, today, "read") == [
        "value.code: removed, whatever readers could do without it",
        "value.note: may be missing, which today's worker refuses",
        "value.id: maxLength refuses some values for today's worker",
    ]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_keyword_that_is_not_known_is_a_break(direction: Direction) -> None:
    """Better asked about once too often than overlooked."""
    today = changed(lambda s, f: f["note"].update(contentEncoding="base64"))
    assert breaks(BASE, today, direction) == breaks(today, today, direction) != []


def test_alternatives_of_one_type_are_not_guessed_at() -> None:
    today = changed(lambda s, f: f.update(note={"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 9}]}))
    with pytest.raises(ValueError, match="alternatives"):
        breaks(BASE, today, "read")

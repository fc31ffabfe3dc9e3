"""Schemas, models and golden messages say the same."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contracts.export import SCHEMAS, schemas
from contracts.headers import HEADERS
from contracts.inbound import INBOUND
from contracts.outbound import OUTBOUND, LeadAssigned
from contracts.types import Message
from tests.support.examples import event_of, example, example_bytes, messages

MODELS: dict[str, type[Message]] = {**INBOUND, **OUTBOUND}


def schema_of(event: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / event / "v1.json").read_text(encoding="utf-8"))
    return schema


def validator(event: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(event), format_checker=FormatChecker())


def accepts(model: type[Message], document: object) -> bool:
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def test_schema_files_equal_a_fresh_export() -> None:
    """Run `python -m contracts.export` after changing a model."""
    kept = {path: path.read_text(encoding="utf-8") for path in SCHEMAS.rglob("*.json")}
    assert kept == schemas()


@pytest.mark.parametrize("path", sorted(schemas()), ids=lambda path: path.parent.name)
def test_schema_is_valid_and_describes_every_field(path: Path) -> None:
    """Meaning travels with the schema: each object and each field has a description."""
    document = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    assert document["$id"] == f"urn:salesplan:schema:{path.parent.name}:v1"
    for thing in (document, *document.get("$defs", {}).values()):
        assert thing["title"]
        assert thing["description"]
        # What refers to an object of its own may leave the words to that object.
        nameless = [n for n, f in thing["properties"].items() if not f.keys() & {"description", "$ref"}]
        assert nameless == []


def test_every_event_has_an_example() -> None:
    assert {event_of(name) for name in messages()} == set(MODELS)


@pytest.mark.parametrize("name", messages())
def test_example_fits_schema_and_model(name: str) -> None:
    event, document = event_of(name), example(name)
    validator(event).validate(document)
    model = MODELS[event].model_validate_json(example_bytes(name))
    assert json.loads(model.model_dump_json()) == document


BROKEN_VALUES: dict[str, object] = {
    "a number": 1,
    "a fraction": 1.5,
    "true": True,
    "a list": [],
    "an object": {},
    "empty text": "",
    "a blank line": "a\nb",
    "NUL": "a\0b",
    "C1": "a\x9fb",
    "U+2028": "a\u2028b",
    "129 characters": "x" * 129,
    "4097 characters": "x" * 4097,
    "numeric text": "1700000000",
    "a bare date": "2026-11-23",
    "a time without zone": "2026-11-23T10:00:00",
    "a time with a space": "2026-11-23 10:00:00Z",
    "a leap second": "2026-12-31T23:59:60Z",
    "a UUID in braces": "{0199a3c0-7d11-7c43-8000-5a0f3f8f6f10}",
    "a UUID without dashes": "0199a3c07d117c4380005a0f3f8f6f10",
    "a UUID as URN": "urn:uuid:0199a3c0-7d11-7c43-8000-5a0f3f8f6f10",
}
FINE_VALUES: dict[str, object] = {
    "null": None,
    "a usual id": "l-77",
    "128 astral characters": "\U0001f600" * 128,
    "a space": " ",
    "a UUID in capitals": "0199A3C0-7D11-7C43-8000-5A0F3F8F6F10",
    "a time far away": "2026-11-23T10:00:00.123456789+05:30",
}


def paths(document: dict[str, Any]) -> list[tuple[str, ...]]:
    nested = ((key, *rest) for key, part in document.items() if isinstance(part, dict) for rest in paths(part))
    return [*((key,) for key in document), *nested]


def replaced(document: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


def removed(document: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    return changed


@pytest.mark.parametrize("name", messages())
def test_schema_and_model_agree_on_every_change_of_an_example(name: str) -> None:
    """A sender who trusts the schema is never surprised by the worker."""
    event, document = event_of(name), example(name)
    schema, model = validator(event), MODELS[event]
    for path in paths(document):
        for words, value in {**BROKEN_VALUES, **FINE_VALUES}.items():
            changed = replaced(document, path, value)
            assert schema.is_valid(changed) == accepts(model, changed), (path, words)
        if event in INBOUND:
            shorter = removed(document, path)
            assert schema.is_valid(shorter) == accepts(model, shorter), path


@pytest.mark.parametrize("field", sorted(LeadAssigned.model_fields))
def test_every_field_of_lead_assigned_is_always_there(field: str) -> None:
    """A null is written as null, never left out."""
    assert not validator("lead-assigned").is_valid(removed(example("lead-assigned"), (field,)))


def test_a_newer_sender_breaks_no_reader() -> None:
    """Unknown fields are ignored, and a new word in `reason` is a word."""
    newer = replaced(example("lead-assigned"), ("reason",), "manual_move") | {"invented_later": {"a": [1]}}
    assert validator("lead-assigned").is_valid(newer)
    assert LeadAssigned.model_validate(newer).reason == "manual_move"


@pytest.mark.parametrize("name", HEADERS)
def test_headers_example_fits_schema_and_model(name: str) -> None:
    """All described headers but `traceparent` must be there, and none may be null."""
    document, schema = example(name), validator(name)
    schema.validate(document)
    assert HEADERS[name].model_validate(document)
    for header in document.keys() & schema_of(name)["properties"].keys():
        assert schema.is_valid(removed(document, (header,))) == (header == "traceparent"), header
        assert not schema.is_valid(document | {header: None}), header


def test_headers_repeat_the_value() -> None:
    headers, value = example("lead-assigned.headers"), example("lead-assigned")
    assert headers["ce_id"] == value["event_id"]
    assert headers["ce_time"] == value["occurred_at"]
    assert headers["ce_subject"] == value["lead_id"]


def test_models_tell_nothing_of_their_input() -> None:
    """An error that reaches a log shows no payload."""
    marker = "marker-of-the-payload\0"
    for event, model in MODELS.items():
        document = dict.fromkeys(model.model_fields, marker)
        with pytest.raises(ValidationError) as caught:
            model.model_validate(document)
        assert "marker" not in str(caught.value), event

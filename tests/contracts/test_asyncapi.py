"""The AsyncAPI document is valid, complete, and says what the schemas, the examples and the settings say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from contracts.asyncapi import DEAD_LETTERS, DEFAULT_GROUP, document
from contracts.export import ASYNCAPI, SCHEMAS, text
from contracts.headers import HEADERS
from contracts.inbound import INBOUND
from contracts.outbound import OUTBOUND
from tests.support.examples import event_of, example, messages
from worker.settings import Kafka, Topics

OFFICIAL = json.loads(Path(__file__).with_name("asyncapi").joinpath("3.0.0.json").read_text(encoding="utf-8"))
KEPT: dict[str, Any] = json.loads(ASYNCAPI.read_text(encoding="utf-8"))
MESSAGES: dict[str, dict[str, Any]] = KEPT["components"]["messages"]
MODELS = {**INBOUND, **OUTBOUND, **HEADERS}


def test_the_file_equals_a_fresh_export() -> None:
    """Run `python -m contracts.export` after changing a model or an example."""
    assert ASYNCAPI.read_text(encoding="utf-8") == text(document())


def test_it_is_asyncapi() -> None:
    """By the official schema, and every reference in it leads somewhere."""
    assert [error.message for error in Draft7Validator(OFFICIAL).iter_errors(KEPT)] == []
    for pointer in references(KEPT):
        assert at(pointer), pointer


def test_every_topic_is_there_and_who_does_what() -> None:
    """The topics have the default names of the settings. The worker receives the messages that others send."""
    topics = Topics()
    addresses = {channel["address"] for channel in KEPT["channels"].values()}
    assert addresses == {*topics.inputs, topics.lead_assigned, DEAD_LETTERS}
    letters = KEPT["channels"]["dead-letters"]["parameters"]["topic"]["enum"]
    assert [DEAD_LETTERS.format(topic=topic) for topic in letters] == list(map(topics.dead_letters, topics.inputs))
    received = {at(o["channel"]["$ref"])["address"] for o in KEPT["operations"].values() if o["action"] == "receive"}
    assert received == set(topics.inputs)
    assert len(KEPT["operations"]) == len(KEPT["channels"])
    assert Kafka().group_id == DEFAULT_GROUP


@pytest.mark.parametrize("event", sorted(MODELS))
def test_schemas_are_those_of_the_files(event: str) -> None:
    """Word for word, but for where their parts are kept."""
    schema = json.loads((SCHEMAS / event / "v1.json").read_text(encoding="utf-8"))
    moved = json.loads(json.dumps(schema).replace("#/$defs/", "#/components/schemas/"))
    schemas = KEPT["components"]["schemas"]
    for name, part in moved.pop("$defs", {}).items():
        assert schemas[name] == part
    assert schemas[MODELS[event].__name__] == {key: value for key, value in moved.items() if not key.startswith("$")}


def test_examples_are_the_golden_ones() -> None:
    shown = [shown for message in MESSAGES.values() for shown in message["examples"]]
    payloads = {shown["name"]: shown["payload"] for shown in shown if "payload" in shown}
    assert payloads == {name: example(name) for name in messages()}
    headers = {shown["name"]: shown["headers"] for shown in shown if "headers" in shown}
    assert headers == {"lead-assigned": example("lead-assigned.headers"), "dead-letter": example("dead-letter-headers")}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_examples_fit_what_is_said_beside_them(name: str) -> None:
    """Value, headers and key."""
    message = MESSAGES[name]
    key = message["bindings"]["kafka"]["key"]
    for shown in message["examples"]:
        assert event_of(shown["name"]) == name
        for part in shown.keys() & {"payload", "headers"}:
            validator({**message[part], "components": KEPT["components"]}).validate(shown[part])
        if "payload" in shown:
            validator(key).validate(shown["payload"]["lead_id"])


def validator(schema: dict[str, Any]) -> Draft7Validator:
    """AsyncAPI's own schemas are a superset of draft 7."""
    # Draft 7 looks at nothing beside a `$ref`, where `components` is.
    reference = schema.pop("$ref", None)
    return Draft7Validator({**schema, "allOf": [{"$ref": reference}]} if reference else schema)


def references(part: object) -> list[str]:
    if isinstance(part, list):
        return [found for item in part for found in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return [*own, *(found for item in part.values() for found in references(item))]


def at(pointer: str) -> Any:
    """The part of the document to which a reference leads."""
    part: Any = KEPT
    for step in pointer.removeprefix("#/").split("/"):
        part = part[step]
    return part

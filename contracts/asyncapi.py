"""Makes the AsyncAPI 3.0.0 document: the models of the schemas, with topics, keys, headers and examples.

It takes the worker's point of view: the worker *receives* the messages of the platform and the chat service.
"""

import inspect
import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contracts.headers import DeadLetterHeaders, InboundHeaders, LeadAssignedHeaders
from contracts.inbound import INBOUND
from contracts.outbound import LeadAssigned
from contracts.types import Id, Message

EXAMPLES: Final = Path(__file__).with_name("examples")
DEAD_LETTERS: Final = "dlq.{topic}"
DEFAULT_GROUP: Final = "salesplan"

_ABOUT: Final = """\
Assigns each new lead to a sales manager exactly once.

This document takes the worker's point of view. The worker *receives* messages of the platform and the chat service. It
*sends* assignments to the chat service, and dead letters to operators. Topics have their default names here; each name
is a setting. README.md beside this document says which changes are possible within version 1."""
_READING: Final = "Read with `isolation.level=read_committed`: then each message arrives exactly once."
_BYTES: Final = "Byte for byte as in the input record, or null."
_BINDING: Final = {"bindingVersion": "0.5.0"}

Part = dict[str, Any]


def document() -> Part:
    """The whole document, as JSON values."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:salesplan:worker",
        "info": {"title": "salesplan", "version": "1", "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            **{event: _topic(event, _description(model)) for event, model in INBOUND.items()},
            "lead-assigned": _topic("lead-assigned", f"{_description(LeadAssigned)}\n\n{_READING}"),
            "dead-letters": _dead_letters(),
        },
        "operations": {
            **{f"receive-{event}": _operation("receive", event) for event in INBOUND},
            "send-lead-assigned": _operation("send", "lead-assigned"),
            "send-dead-letters": _operation("send", "dead-letters", "dead-letter"),
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _schemas() -> Part:
    read: list[type[Message]] = [*INBOUND.values(), InboundHeaders]
    sent: list[type[Message]] = [LeadAssigned, LeadAssignedHeaders, DeadLetterHeaders]
    models: list[tuple[type[Message], JsonSchemaMode]] = [(model, "validation") for model in read]
    models += [(model, "serialization") for model in sent]
    _, found = models_json_schema(models, ref_template="#/components/schemas/{model}")
    schemas: Part = found["$defs"]
    return schemas


def _topic(event: str, description: str) -> Part:
    return {
        "address": event,
        "description": description,
        "messages": {event: {"$ref": f"#/components/messages/{event}"}},
        "bindings": {"kafka": _BINDING},
    }


def _dead_letters() -> Part:
    return {
        "address": DEAD_LETTERS,
        "description": f"Unreadable records of an input, on the partition of the same number. {_READING}",
        "parameters": {"topic": {"description": "The input's topic.", "enum": list(INBOUND)}},
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
        "bindings": {"kafka": _BINDING},
    }


def _operation(action: str, channel: str, message: str | None = None) -> Part:
    group = {"type": "string", "default": DEFAULT_GROUP, "description": "A setting, KAFKA_GROUP_ID."}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message or channel}"}],
        **({"bindings": {"kafka": {"groupId": group, **_BINDING}}} if action == "receive" else {}),
    }


def _messages() -> Part:
    inbound_key = "The lead's id. It keeps the events of one lead in order. A missing or odd key is allowed."
    letter_headers = json.loads((EXAMPLES / "dead-letter-headers.json").read_text(encoding="utf-8"))
    return {
        **{event: _message(event, model, InboundHeaders, inbound_key) for event, model in INBOUND.items()},
        "lead-assigned": _message("lead-assigned", LeadAssigned, LeadAssignedHeaders, "The lead's id."),
        "dead-letter": {
            "name": "dead-letter",
            "description": "A record of an input: its key, value and headers, and more headers with the reason.",
            "contentType": "application/octet-stream",
            "headers": _reference(DeadLetterHeaders),
            "payload": {"description": _BYTES},
            "bindings": {"kafka": {"key": {"description": _BYTES}, **_BINDING}},
            "examples": [{"name": "dead-letter", "headers": letter_headers}],
        },
    }


def _message(event: str, model: type[Message], headers: type[Message], key: str) -> Part:
    # The schema of the key is a copy. The official AsyncAPI schema refuses a reference here as ambiguous.
    id_schema = TypeAdapter(Id).json_schema()
    return {
        "name": event,
        "description": _description(model),
        "headers": _reference(headers),
        "payload": _reference(model),
        "bindings": {"kafka": {"key": {**id_schema, "description": key}, **_BINDING}},
        "examples": [_example(path) for path in sorted(EXAMPLES.glob(f"{event}.*")) if "headers" not in path.stem],
    }


def _example(path: Path) -> Part:
    headers = path.with_suffix(".headers.json")
    return {
        "name": path.stem,
        "payload": json.loads(path.read_text(encoding="utf-8")),
        **({"headers": json.loads(headers.read_text(encoding="utf-8"))} if headers.exists() else {}),
    }


def _reference(model: type[Message]) -> Part:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _description(model: type[Message]) -> str:
    return inspect.getdoc(model) or ""

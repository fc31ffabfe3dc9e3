"""Writes the JSON Schemas and the AsyncAPI document: `python -m contracts.export`.

A test fails when the files are out of date.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final, Literal

from contracts.asyncapi import document
from contracts.headers import HEADERS
from contracts.inbound import INBOUND
from contracts.outbound import OUTBOUND
from contracts.types import Message

SCHEMAS: Final = Path(__file__).with_name("schemas")
ASYNCAPI: Final = Path(__file__).with_name("asyncapi.json")


def schema(event: str, model: type[Message], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:salesplan:schema:{event}:v1",
        **model.model_json_schema(mode=mode),
    }


def schemas() -> dict[Path, str]:
    """The text of each schema file. Inbound schemas describe accepted messages, outbound ones the sent form."""
    read = {event: schema(event, model, "validation") for event, model in INBOUND.items()}
    sent = {event: schema(event, model, "serialization") for event, model in {**OUTBOUND, **HEADERS}.items()}
    return {SCHEMAS / event / "v1.json": text(found) for event, found in (read | sent).items()}


def text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"


def main() -> None:
    for path, wanted in (schemas() | {ASYNCAPI: text(document())}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(SCHEMAS.parent)}\n")


if __name__ == "__main__":
    main()

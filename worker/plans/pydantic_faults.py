"""Pydantic's errors as faults of a plan file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from worker.plans.faults import (
    Empty,
    Fault,
    Missing,
    NoFields,
    NotBool,
    NotGroup,
    NotId,
    NotOneOf,
    NotText,
    NotUnicode,
    OtherFault,
    TooLarge,
    TooLong,
    TooShort,
    Unfit,
    UnknownField,
)


class UnfitError(ValueError):
    """Validators of ours raise it; pydantic hands it on in the error's context."""

    def __init__(self, kind: Unfit) -> None:
        super().__init__(kind)
        self.kind = kind


KINDS: Mapping[str, Callable[[dict[str, Any]], Unfit]] = {
    "missing": lambda _: Missing(),
    "extra_forbidden": lambda _: UnknownField(),
    "string_type": lambda _: NotText(),
    "string_unicode": lambda _: NotUnicode(),
    "string_pattern_mismatch": lambda _: NotId(),
    "string_too_short": lambda context: TooShort(context["min_length"]),
    "string_too_long": lambda context: TooLong(context["max_length"]),
    "model_type": lambda _: NotGroup(),
    "bool_type": lambda _: NotBool(),
    "too_short": lambda _: Empty(),
    "less_than_equal": lambda context: TooLarge(context["le"]),
    "enum": lambda context: NotOneOf(tuple(re.findall("'([^']*)'", context["expected"]))),
    "value_error": lambda context: context["error"].kind,
}


def fault_of(error: ErrorDetails) -> Fault:
    """The fault, with the field as in a plan file."""
    if not error["loc"]:
        return Fault("", NoFields())
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    kind = KINDS.get(error["type"])
    return Fault(path.removeprefix("."), kind(error.get("ctx", {})) if kind else OtherFault(error["msg"]))

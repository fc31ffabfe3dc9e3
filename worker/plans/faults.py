"""Faults of a plan file as values. ``worker.words`` makes sentences of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

# The file can't be read as plans at all. Lines and columns count from 1.


@dataclass(frozen=True, slots=True)
class LineColumn:
    """A line and a column of the file."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class NotYaml:
    """The text is not YAML. ``problem`` is the parser's own English message."""

    at: LineColumn | None
    problem: str


@dataclass(frozen=True, slots=True)
class KeyTwice:
    """A group of fields has one field twice."""

    at: LineColumn
    name: str


@dataclass(frozen=True, slots=True)
class KeyNotText:
    """The name of a field is a list or a group."""

    at: LineColumn


@dataclass(frozen=True, slots=True)
class TagUsed:
    """A YAML tag like ``!!python/name``; a plan file has none."""

    at: LineColumn
    tag: str


@dataclass(frozen=True, slots=True)
class NotPrintable:
    """The bytes are not UTF-8, or the text has control characters."""


@dataclass(frozen=True, slots=True)
class TooDeep:
    """The file has lists nested too deeply, or a number that is too long."""


@dataclass(frozen=True, slots=True)
class NoFields:
    """The file is a list, a word, or empty."""


Unreadable = NotYaml | KeyTwice | KeyNotText | TagUsed | NotPrintable | TooDeep | NoFields

# A field breaks a rule by itself.


@dataclass(frozen=True, slots=True)
class Missing:
    """The field is required, but missing."""


@dataclass(frozen=True, slots=True)
class UnknownField:
    """No plan file has such a field."""


@dataclass(frozen=True, slots=True)
class NotText:
    """A number or a list stands in place of text."""


@dataclass(frozen=True, slots=True)
class NotUnicode:
    """The text has half of a surrogate pair."""


@dataclass(frozen=True, slots=True)
class NotId:
    """The id has characters that an id can't have."""


@dataclass(frozen=True, slots=True)
class NotGroup:
    """Text or a list stands in place of a group of fields."""


@dataclass(frozen=True, slots=True)
class NotBool:
    """The value is neither true nor false."""


@dataclass(frozen=True, slots=True)
class NotList:
    """Text or a group stands in place of a list."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The list must have an item, but is empty."""


@dataclass(frozen=True, slots=True)
class TooShort:
    """The text is shorter than ``at_least`` characters."""

    at_least: int


@dataclass(frozen=True, slots=True)
class TooLong:
    """The text is longer than ``at_most`` characters."""

    at_most: int


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The number is larger than ``at_most``."""

    at_most: int


@dataclass(frozen=True, slots=True)
class NotOneOf:
    """The text is none of the choices."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotAmount:
    """The value is negative, has more than two decimals, is too large, or is no number."""


@dataclass(frozen=True, slots=True)
class NamedTwice:
    """A list has each of these ids more than once."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotWords:
    """The text is blank, or has line breaks or control characters."""


@dataclass(frozen=True, slots=True)
class NoColor:
    """The colour is empty: without quotes YAML takes ``#2563eb`` for a comment."""


@dataclass(frozen=True, slots=True)
class NotColor:
    """The value is not ``#rrggbb``."""


@dataclass(frozen=True, slots=True)
class NotPlanId:
    """The plan's id has other characters than words of a-z and 0-9 joined by hyphens, or more than 128 characters."""


@dataclass(frozen=True, slots=True)
class OtherFault:
    """The value breaks a rule that has no class here. ``message`` is pydantic's own English message."""

    message: str


Unfit = (
    Missing
    | UnknownField
    | NotText
    | NotUnicode
    | NotId
    | NotGroup
    | NotBool
    | NotList
    | Empty
    | TooShort
    | TooLong
    | TooLarge
    | NotOneOf
    | NotAmount
    | NamedTwice
    | NotWords
    | NoColor
    | NotColor
    | NotPlanId
    | OtherFault
)

# A field takes an id that another plan has.


@dataclass(frozen=True, slots=True)
class PlanIdTwice:
    """The id of this plan is already the id of an earlier plan of the file, at index ``first``."""

    plan_id: str
    first: int


@dataclass(frozen=True, slots=True)
class LgtTwice:
    """An earlier plan of the file has the LGT. ``plan_id`` is any YAML value, because that id may be at fault too."""

    lgt_id: str
    plan_id: object


@dataclass(frozen=True, slots=True)
class LgtTaken:
    """An active plan in the database has the LGT."""

    lgt_id: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class IdOfArchived:
    """An archived plan has the id. Archived plans keep their ids for ever."""

    plan_id: str


Clash = PlanIdTwice | LgtTwice | LgtTaken | IdOfArchived
FaultKind = Unreadable | Unfit | Clash


class Fault(NamedTuple):
    """One fault, and its field in the form ``plans[0].label.text``.

    ``field`` is empty where the whole file has the fault.
    """

    field: str
    kind: FaultKind

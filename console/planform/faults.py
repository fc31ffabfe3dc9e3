"""Faults of the form: those of a plan file, at the form's fields, and some that only a form has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from console.errors import N_
from console.language import Language, with_capital
from console.planform.fields import IN_FILE
from worker.plans import faults as f
from worker.words.languages import LANGUAGES

_FORM_FIELD = {in_file: field for field, in_file in IN_FILE.items()}


@dataclass(frozen=True, slots=True)
class IdTaken:
    """The account has a plan with the id."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class IdReserved:
    """The id is a word in the address of another page."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class TwoNumbers:
    """The text can mean ``whole`` or ``fraction``."""

    typed: str
    whole: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True)
class ColorAlone:
    """A colour without a label's text."""


@dataclass(frozen=True, slots=True)
class Needed:
    """The field is empty."""


@dataclass(frozen=True, slots=True)
class ItemUnfit:
    """An id of a list breaks a rule."""

    item: str
    kind: f.FaultKind


OfForm = IdTaken | IdReserved | TwoNumbers | ColorAlone | Needed | ItemUnfit


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault at a field of the form."""

    field: str
    kind: OfForm | f.FaultKind


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault in words. ``plan_id`` is the other plan that it is about."""

    field: str
    text: str
    plan_id: str | None


def of_file(faults: Iterable[f.Fault], items: Mapping[str, Sequence[str]]) -> Iterator[FieldFault]:
    """The faults of a plan file with one plan; ``items`` are the ids of its lists, by the form's fields."""
    for fault in faults:
        field, index = _position(fault.field)
        yield FieldFault(field, fault.kind if index is None else ItemUnfit(items[field][index], fault.kind))


def shown(faults: Iterable[FieldFault], language: Language) -> tuple[ShownFault, ...]:
    """The faults in words, each a sentence."""
    return tuple(ShownFault(each.field, _sentence(each.kind, language), _other_plan(each.kind)) for each in faults)


def _position(field: str) -> tuple[str, int | None]:
    """The form's field and the index in its list, of a field like ``plans[0].managers[2].id``."""
    found = re.fullmatch(r"(?:plans\[0\]\.)?([a-z_]+(?:\.[a-z_]+)?)(?:\[(\d+)\].*)?", field)
    assert found is not None, field  # noqa: S101 -- a plan file has no other fields
    return _FORM_FIELD.get(found[1], found[1]), int(found[2]) if found[2] else None


def _other_plan(kind: OfForm | f.FaultKind) -> str | None:
    return kind.plan_id if isinstance(kind, f.LgtTaken | IdTaken | f.IdOfArchived) else None


def _sentence(kind: OfForm | f.FaultKind, language: Language) -> str:
    text = _words(kind, language)
    return with_capital(text) + ("" if text.endswith((".", "?")) else ".")


def _words(kind: OfForm | f.FaultKind, language: Language) -> str:
    match kind:
        case IdTaken() | IdReserved() | TwoNumbers() | ColorAlone() | Needed():
            text, values = _of_form(kind, language)
            return language.text(text) % values
        case ItemUnfit(item, of_item):
            values = {"id": item[:40], "fault": LANGUAGES[language.code].fault_of_field(of_item)}
            return language.text(N_("“%(id)s”: %(fault)s")) % values
        case _:
            return LANGUAGES[language.code].fault_of_field(kind)


def _of_form(
    kind: IdTaken | IdReserved | TwoNumbers | ColorAlone | Needed, language: Language
) -> tuple[str, Mapping[str, object]]:
    """The text, and the values that stand in it."""
    match kind:
        case IdTaken(plan_id):
            return N_("The account has a plan with the id “%(id)s”; choose another id."), {"id": plan_id}
        case IdReserved(plan_id):
            return N_("“%(id)s” is the address of another page; choose another id."), {"id": plan_id}
        case TwoNumbers(typed, whole, fraction):
            values = {"typed": typed, "whole": whole, "fraction": str(fraction).replace(".", language.decimal_sign)}
            return N_("“%(typed)s” can mean %(whole)s or %(fraction)s: write it without a group sign."), values
        case ColorAlone():
            return N_("A colour needs a label: type the label's text, or leave the colour empty."), {}
        case Needed():
            return N_("This field is needed."), {}

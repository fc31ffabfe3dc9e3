"""Pydantic's errors: every type that the models can raise has a kind of its own."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from pydantic_core import ErrorDetails

from worker.plans import faults as f
from worker.plans.file import PlanFile, PlanFileError, checked
from worker.plans.pydantic_faults import KINDS, fault_of

OF_TEXT = {"min_length": "string_too_short", "max_length": "string_too_long", "pattern": "string_pattern_mismatch"}
OF_OTHERS = {"min_length": "too_short", "le": "less_than_equal"}
LIMITS = {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "max_digits", "decimal_places"}


def of_text(node: dict[str, Any]) -> set[str]:
    return {"string_type", "string_unicode"} | {OF_TEXT[limit] for limit in node.keys() & LIMITS}


def of_function(node: dict[str, Any]) -> set[str]:
    """Validators of pydantic are known by the limit that they check; ours raise ``UnfitError`` and no other."""
    function = node["function"]["function"]
    if isinstance(function, partial):
        return {OF_OTHERS[limit] for limit in function.keywords}
    assert function.__module__ == "worker.plans.file"
    return {"value_error"}


def without_limits(*types: str) -> Callable[[dict[str, Any]], set[str]]:
    def raised(node: dict[str, Any]) -> set[str]:
        assert not node.keys() & LIMITS
        return set(types)

    return raised


# By type of schema. Left out are errors that can't come: validators of ours stand before decimals and tuples
# (decimal_type, decimal_parsing, finite_number, tuple_type), and all keys of YAML and forms are text (invalid_key).
RAISED: Mapping[str, Callable[[dict[str, Any]], set[str]]] = {
    "model": without_limits("model_type"),
    "model-fields": without_limits("missing", "extra_forbidden"),
    "model-field": without_limits(),
    "default": without_limits(),
    "nullable": without_limits(),
    "no-info": without_limits(),
    "function-before": of_function,
    "function-after": of_function,
    "str": of_text,
    "bool": without_limits("bool_type"),
    "enum": without_limits("enum"),
    "decimal": without_limits(),
    "tuple": without_limits(),
}


def nodes(schema: object) -> Iterator[dict[str, Any]]:
    """All parts of a core schema that validate something."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for name, part in schema.items():
            if name not in ("metadata", "serialization"):
                yield from nodes(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from nodes(part)


def test_every_type_of_error_that_the_models_can_raise_has_a_kind() -> None:
    """A new field with a new rule fails here, not with English words on a Russian page."""
    found: set[str] = set()
    for node in nodes(PlanFile.__pydantic_core_schema__):
        found |= RAISED[node["type"]](node)
    assert found == set(KINDS)


def broken(**fields: object) -> dict[str, object]:
    plan = {"id": "p", "name": "P", "conversion_percent": "1", "average_sale": "1", "managers": ["anna"]} | fields
    return {"account": "acme", "plans": [{name: value for name, value in plan.items() if value is not None}]}


EXAMPLES: list[tuple[object, f.Fault]] = [
    (None, f.Fault("", f.NoFields())),
    ({"account": "acme", "plans": []}, f.Fault("plans", f.Empty())),
    ({"account": "", "plans": broken()["plans"]}, f.Fault("account", f.TooShort(1))),
    (broken(average_sale=None), f.Fault("plans[0].average_sale", f.Missing())),
    (broken(nam="x"), f.Fault("plans[0].nam", f.UnknownField())),
    (broken(lgts=[7]), f.Fault("plans[0].lgts[0]", f.NotText())),
    (broken(managers=[True]), f.Fault("plans[0].managers[0]", f.NotText())),
    (broken(name="\ud800"), f.Fault("plans[0].name", f.NotUnicode())),
    (broken(lgts=["a\0"]), f.Fault("plans[0].lgts[0]", f.NotId())),
    (broken(offers=[]), f.Fault("plans[0].offers", f.NotGroup())),
    (broken(managers=[{"id": "a", "paused": "no"}]), f.Fault("plans[0].managers[0].paused", f.NotBool())),
    (broken(managers="anna"), f.Fault("plans[0].managers", f.NotList())),
    (broken(label={"text": "x" * 31}), f.Fault("plans[0].label.text", f.TooLong(30))),
    (broken(conversion_percent="100.01"), f.Fault("plans[0].conversion_percent", f.TooLarge(100))),
    (broken(mode="evn"), f.Fault("plans[0].mode", f.NotOneOf(("even", "linked")))),
    (broken(average_sale="1,5"), f.Fault("plans[0].average_sale", f.NotAmount())),
    (broken(offers={"paid": ["b", "a", "b", "a"]}), f.Fault("plans[0].offers.paid", f.NamedTwice(("a", "b")))),
    (broken(managers=["anna", {"id": "anna"}]), f.Fault("plans[0].managers", f.NamedTwice(("anna",)))),
    (broken(name=" "), f.Fault("plans[0].name", f.NotWords())),
    (broken(label={"text": "x", "color": None}), f.Fault("plans[0].label.color", f.NoColor())),
    (broken(label={"text": "x", "color": "red"}), f.Fault("plans[0].label.color", f.NotColor())),
    (broken(id="June"), f.Fault("plans[0].id", f.NotPlanId())),
]


@pytest.mark.parametrize(("raw", "fault"), EXAMPLES, ids=[f"{fault.field}-{fault.kind}" for _, fault in EXAMPLES])
def test_a_fault_is_a_field_and_a_kind(raw: object, fault: f.Fault) -> None:
    """One fault in the fields of a file, as a form gives them."""
    with pytest.raises(PlanFileError) as caught:
        checked(raw)
    assert caught.value.faults == (fault,)


def test_a_type_that_nobody_knows_keeps_what_pydantic_says() -> None:
    error: ErrorDetails = {"type": "novel", "loc": ("plans", 0, "name"), "msg": "Input should be novel", "input": 7}
    assert fault_of(error) == f.Fault("plans[0].name", f.OtherFault("Input should be novel"))

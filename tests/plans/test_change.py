"""The difference between a plan in force and a file, as values."""

from datetime import UTC, datetime
from decimal import Decimal

from tests.plans.texts import file, plan
from worker.plans.change import Difference, StoredPlan, apply_file
from worker.plans.file import Manager, Offers, PlanSpec, parse
from worker.rules.plan import Mode

IN_FORCE = PlanSpec.model_construct(
    id="p",
    name="P",
    conversion_percent=Decimal("1.00"),
    average_sale=Decimal("1.00"),
    label=None,
    managers=(Manager.model_construct(id="anna", paused=False), Manager.model_construct(id="boris", paused=False)),
    lgts=("b", "a"),
    offers=Offers.model_construct(ordered=(), payment_failed=(), paid=("o",)),
    mode=Mode.EVEN,
)


def differences(**fields: str) -> list[Difference]:
    """The differences between a file and the plans in force."""
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    stored = StoredPlan(1, "acme", IN_FORCE, 1, False, "olga", moment, ("anna", "boris"), {}, 0, 0, {})
    (change,) = apply_file(parse(file(plan(**fields))), {"p": stored})
    return change.differences()


def test_each_field_has_its_value_before_and_after() -> None:
    """No word of any language is in them."""
    assert differences(
        average_sale="2.5",
        label="{text: New}",
        managers="[anna, {id: boris, paused: true}]",
        lgts="[a, c]",
        mode="linked",
    ) == [
        Difference("average_sale", Decimal("1.00"), Decimal("2.50")),
        Difference("label.text", None, "New"),
        Difference("managers", IN_FORCE.managers, (Manager(id="anna"), Manager(id="boris", paused=True))),
        Difference("lgts", ("a", "b"), ("a", "c")),
        Difference("offers.paid", ("o",), None),
        Difference("mode", Mode.EVEN, Mode.LINKED),
    ]


def test_what_means_the_same_is_no_difference() -> None:
    """A conversion of nothing stays one, and the order of LGTs means nothing."""
    assert differences(managers="[anna, boris]", lgts="[a, b]", offers="{paid: [o]}") == []
    assert differences(managers="[anna, boris]", lgts="[a, b]", offers="{paid: [o]}", conversion_percent="0") == [
        Difference("conversion_percent", Decimal("1.00"), Decimal("0.00"))
    ]

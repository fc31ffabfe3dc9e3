"""The plan file: what it says becomes values, and what is wrong with it is told by field, all at once."""

from decimal import Decimal

import pytest

from tests.plans.texts import file, plan
from worker.plans.change import apply_file, warnings
from worker.plans.file import Manager, PlanFileError, PlanSpec, parse
from worker.rules.plan import Mode
from worker.words import english

AS_SPECIFIED = """
account: acme
plans:
  - id: june-webinar
    name: June webinar
    conversion_percent: 12.5
    average_sale: "149.00"
    label: {text: Webinar, color: "#2563eb"}
    managers: [anna, {id: boris, paused: true}]
    lgts: [landing-7]
    offers: {ordered: [offer-9], payment_failed: [offer-9], paid: []}
    mode: even
"""


def only(**fields: str) -> PlanSpec:
    return parse(file(plan(**fields))).plans[0]


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(PlanFileError) as caught:
        parse(text)
    return [english.fault(fault) for fault in caught.value.faults]


def test_the_specified_example_is_read_to_the_letter() -> None:
    read = parse(AS_SPECIFIED)
    assert read.account == "acme"
    (spec,) = read.plans
    assert spec.managers == (Manager(id="anna"), Manager(id="boris", paused=True))
    assert (spec.conversion_percent, spec.average_sale) == (Decimal("12.50"), Decimal("149.00"))
    assert spec.label is not None
    assert (spec.label.text, spec.label.color) == ("Webinar", "#2563eb")
    assert (spec.lgts, spec.offers.ordered, spec.offers.payment_failed) == (("landing-7",), ("offer-9",), ("offer-9",))
    assert spec.mode is Mode.EVEN


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("149.10", "149.10"),
        ('"149.10"', "149.10"),
        ("0", "0.00"),
        ("999999999999.99", "999999999999.99"),
        ("0.07", "0.07"),
        ("1e3", "1000.00"),
    ],
)
def test_money_is_exact_however_it_is_written(text: str, amount: str) -> None:
    assert str(only(average_sale=text).average_sale) == amount


@pytest.mark.parametrize(
    "text", ["-1", "1.234", ".inf", ".nan", "1e15", "1000000000000", '"1,5"', "true", '" 1"', "1e-3"]
)
def test_money_that_is_no_amount_is_a_fault(text: str) -> None:
    assert faults(file(plan(average_sale=text))) == [
        'plans[0].average_sale: must be a decimal like "149.00": not negative, at most two decimals'
    ]


@pytest.mark.parametrize("text", ["100.01", "-0.01", "12.345"])
def test_a_conversion_is_a_percentage_with_two_decimals(text: str) -> None:
    assert len(faults(file(plan(conversion_percent=text)))) == 1


def test_an_upper_case_colour_is_the_same_as_a_lower_case_one() -> None:
    label = only(label='{text: x, color: "#2563EB"}').label
    assert label is not None
    assert label.color == "#2563eb"


def test_words_that_yaml_1_1_takes_for_something_else_stay_words() -> None:
    spec = only(managers="[no, 2026-11-23, 12:30, 0x1f]")
    assert [manager.id for manager in spec.managers] == ["no", "2026-11-23", "12:30", "0x1f"]


def test_every_fault_is_named_with_its_field() -> None:
    broken = file(
        plan(
            id="June",
            name='""',
            nam="x",
            label='{color: "#25"}',
            managers="[anna, {id: ''}, {id: boris, pausd: true}, {id: carl, paused: yes}, 7]",
            lgts='[a, "\\0"]',
            mode="evn",
            average_sale="",
        ),
        plan(id="x", lgts="[b, b]", managers="[anna, {id: anna, paused: true}]", offers="[]"),
        plan(id="x", lgts="landing", label=f"{{text: {'x' * 31}}}", name='"\\ud800"'),
    )
    assert {fault.partition(":")[0] for fault in faults(broken)} == {
        "plans[0].id",
        "plans[0].name",
        "plans[0].nam",
        "plans[0].average_sale",
        "plans[0].label.text",
        "plans[0].label.color",
        "plans[0].managers[1].id",
        "plans[0].managers[2].pausd",
        "plans[0].managers[3].paused",
        "plans[0].managers[4]",
        "plans[0].lgts[1]",
        "plans[0].mode",
        "plans[1].lgts",
        "plans[1].managers",
        "plans[1].offers",
        "plans[2].id",
        "plans[2].lgts",
        "plans[2].label.text",
        "plans[2].name",
    }


def test_an_lgt_in_two_plans_of_a_file_is_a_fault_that_names_both() -> None:
    assert faults(file(plan(id="one", lgts="[a, b]"), plan(id="two", lgts="[c, a]"))) == [
        "plans[1].lgts: 'a' is also in plan 'one'; an LGT is in one plan only"
    ]


def test_what_spans_plans_is_told_together_with_what_does_not() -> None:
    found = faults(file(plan(id="one", lgts="[a]"), plan(id="one", lgts="[a]", mode="x")))
    assert [fault.partition(":")[0] for fault in found] == ["plans[1].mode", "plans[1].id", "plans[1].lgts"]


def test_a_colour_without_quotes_is_a_comment_and_so_a_fault() -> None:
    (fault,) = faults(file(plan(label="\n      text: x\n      color: #2563eb")))
    assert fault.startswith("plans[0].label.color: is empty: a colour needs quotes")


def test_a_number_for_a_name_is_told_to_be_quoted() -> None:
    assert faults(file(plan(managers="[7]", lgts="[8]"))) == [
        "plans[0].managers[0]: must be text; put it in quotes",
        "plans[0].lgts[0]: must be text; put it in quotes",
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("account: [", "line 1, column 11: "),
        ("account: a\naccount: b", "line 2, column 1: 'account' is there twice"),
        ("account: a\nplans:\n  - {id: a, id: b}", "line 3, column 13: 'id' is there twice"),
        ("account: a\n\tplans: []", "line 2, column 1: "),
        ("a: !!python/name:os.system x", "line 1, column 4: a tag"),
        ("--- 1\n--- 2", "line 2, column 1: expected a single document"),
        ("{[a]: b}", "line 1, column 2: a field's name must be text"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, where: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith(where)


@pytest.mark.parametrize("text", ["", "[]", "7", "[" * 5000, b"\xff\xfe\x00", b"\xc3(", "a: \x00", "&a [*a]"])
def test_what_is_no_plan_file_at_all_is_one_fault(text: str | bytes) -> None:
    (fault,) = faults(text)
    assert fault.startswith("the file")


def test_a_file_without_plans_is_a_fault() -> None:
    assert faults("account: acme\nplans: []") == ["plans: must not be empty"]


def test_warnings_tell_what_may_surprise() -> None:
    read = parse(
        file(
            plan(id="one", offers="{ordered: [o]}", managers="[]"),
            plan(id="two", offers="{paid: [o]}"),
            plan(id="three"),
        )
    )
    assert [english.warning(each) for each in warnings(apply_file(read, {}), {})] == [
        "plan 'one': no active manager; its leads will wait",
        "plan 'three': no LGT and no offer; no lead will come in",
        "offer 'o' is in several plans (one, two): its leads enter each of them",
    ]

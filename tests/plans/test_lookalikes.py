"""Ids as copy and paste makes them: allowed by the contract, and warned of, with escapes that show the difference."""

import json

import pytest

from tests.plans.texts import file, plan
from worker.plans.change import apply_file, warnings
from worker.plans.file import parse
from worker.words import english


def warned(*plans: str) -> list[str]:
    return [english.warning(each) for each in warnings(apply_file(parse(file(*plans)), {}), {})]


def managers(*ids: str) -> str:
    return plan(managers=json.dumps(ids), lgts="[l]")


@pytest.mark.parametrize(
    ("other", "warning"),
    [
        ("anna\u200b", "manager 'anna\\u200b' holds characters that nobody sees, which are part of the id"),
        ("\ufeffanna", "manager '\\ufeffanna' holds characters that nobody sees, which are part of the id"),
        ("anna\u200f", "manager 'anna\\u200f' holds characters that nobody sees, which are part of the id"),
        ("an\u00adna", "manager 'an\\xadna' holds characters that nobody sees, which are part of the id"),
        ("anna\u00a0", "manager 'anna\\xa0' holds characters that nobody sees, which are part of the id"),
        ("anna\ufe0f", "manager 'anna\\ufe0f' holds characters that nobody sees, which are part of the id"),
        ("anna ", "manager 'anna ' begins or ends with a blank, which is part of the id"),
        (" anna", "manager ' anna' begins or ends with a blank, which is part of the id"),
    ],
)
def test_a_ghost_beside_a_manager_is_named_twice(other: str, warning: str) -> None:
    """Once for what is in its id, and once as it would take a share of the leads."""
    first, second = sorted(("anna", other))
    assert warned(managers("anna", other)) == [
        warning,
        f"managers {first!a} and {second!a} look alike and are different ids",
    ]


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("jose\u0301", "jos\u00e9", "'jose\\u0301' and 'jos\\xe9'"),
        ("Anna", "anna", "'Anna' and 'anna'"),
        ("\uff41nna", "anna", "'anna' and '\\uff41nna'"),
        ("stra\u00dfe", "strasse", "'strasse' and 'stra\\xdfe'"),
    ],
)
def test_ids_that_differ_in_their_encoding_or_case_are_named(one: str, other: str, shown: str) -> None:
    assert warned(managers(one, other)) == [f"managers {shown} look alike and are different ids"]


def test_a_letter_of_another_alphabet_is_named() -> None:
    """The first letter is Cyrillic."""
    assert warned(managers("\u0430nna")) == [
        "manager '\u0430nna' mixes letters of several alphabets in a word (CYRILLIC, LATIN): '\\u0430nna'"
    ]


def test_an_id_of_blanks_only_is_named() -> None:
    assert warned(managers("   ")) == ["manager '   ' begins or ends with a blank, which is part of the id"]


def test_lgts_and_offers_are_looked_at_as_managers_are() -> None:
    fields = {"lgts": json.dumps(["page", "Page"]), "offers": '{ordered: [o], paid: ["o "]}'}
    assert warned(plan(**fields)) == [
        "LGTs 'Page' and 'page' look alike and are different ids",
        "offer 'o ' begins or ends with a blank, which is part of the id",
        "offers 'o' and 'o ' look alike and are different ids",
    ]


def test_the_plans_of_an_account_are_compared_with_each_other() -> None:
    """Leads of one plan would not count for the same person in the other, nor link to him."""
    assert warned(plan(id="one", lgts="[l]", managers="[anna]"), plan(id="two", lgts="[m]", managers="[Anna]")) == [
        "managers 'Anna' and 'anna' look alike and are different ids"
    ]


@pytest.mark.parametrize(
    "ids",
    [
        ("anna", "boris", "anna-2"),
        ("\u0430\u043d\u043d\u0430", "anna"),  # Cyrillic, all of it
        ("anna \u0430\u043d\u043d\u0430",),  # a word each
        ("jos\u00e9", "jose"),
        ("\u5f20\u4f1f", "\u5f35\u5049"),
        ("\u05d0\u05e0\u05d4", "42", "a@b.example"),
    ],
)
def test_ids_that_anybody_can_tell_apart_are_no_matter(ids: tuple[str, ...]) -> None:
    assert warned(managers(*ids)) == []


def test_many_ids_take_no_time() -> None:
    """Ten thousand managers are compared in one go, not each with each."""
    assert warned(managers(*(f"manager-{number}" for number in range(10_000)))) == []

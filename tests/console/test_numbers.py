"""Numbers as people type them: what could mean two numbers is a question."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.numbers import NumberAmbiguousError, NumberUnreadableError, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("12,5", "12.5"),
        ("12.50", "12.50"),
        (" 1250\u00a0", "1250"),
        ("1 250,50", "1250.50"),
        ("1\u00a0250,50", "1250.50"),
        ("1\u202f250.5", "1250.5"),
        ("1,250.50", "1250.50"),
        ("1.250,50", "1250.50"),
        ("1,250,500", "1250500"),
        ("1.250.500,5", "1250500.5"),
        ("-3", "-3"),
        ("\N{MINUS SIGN}3", "-3"),
    ],
)
def test_a_number_is_read(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1,250", "1.250", "0,125", "1 250,500", "-1,250"])
def test_three_digits_after_the_only_separator_are_a_question(text: str) -> None:
    with pytest.raises(NumberAmbiguousError):
        read_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "1a", "1.2.3", "1,2,3", "12 50", "1 2500", "1..5", ".5", "5.", "1,25,000", "1e3", "1'000"),
        *("1.2345", "1_000", "+1", "--1", "1-", "NaN", "Infinity", "0x10", "1.250,5,5", "\N{ARABIC-INDIC DIGIT THREE}"),
    ],
)
def test_everything_else_is_unreadable(text: str) -> None:
    with pytest.raises(NumberUnreadableError):
        read_number(text)

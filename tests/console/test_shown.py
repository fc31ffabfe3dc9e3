"""Texts of others change nothing beside them; chips can be read."""

from __future__ import annotations

import pytest

from console.colors import text_on
from console.shown import isolated, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Анна Петрова", "Анна Петрова"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2066b\u200fc", "a\\u2066b\\u200fc"),
        ("\ufeffx\u200b", "\\ufeffx\\u200b"),
        ("a\u200d\U0001f680", "a\u200d\U0001f680"),
        ("\U000e0041", "\\U000e0041"),
        ("\ue000", "\\ue000"),
    ],
)
def test_what_nobody_sees_is_shown(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_markup_is_text() -> None:
    assert isolated("<script>&") == "<bdi>&lt;script&gt;&amp;</bdi>"


@pytest.mark.parametrize(
    ("color", "text"),
    [
        *(("#ffff00", "black"), ("#facc15", "black"), ("#2563eb", "white"), ("#000000", "white")),
        *(("#757575", "white"), ("#767676", "black"), ("#ff0000", "black"), ("#d00000", "white")),
    ],
)
def test_a_chips_text_has_the_higher_contrast(color: str, text: str) -> None:
    """By hand: both contrasts are even at a luminance of 0.1791; that of #757575 is 0.1779, of #767676 0.1812."""
    assert text_on(color) == text

"""Counts in Russian: the forms by hand."""

import pytest

from worker.words.russian_counts import clients, of_characters


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 клиентов"),
        (1, "1 клиент"),
        (2, "2 клиента"),
        (4, "4 клиента"),
        (5, "5 клиентов"),
        (11, "11 клиентов"),
        (12, "12 клиентов"),
        (14, "14 клиентов"),
        (20, "20 клиентов"),
        (21, "21 клиент"),
        (22, "22 клиента"),
        (25, "25 клиентов"),
        (101, "101 клиент"),
        (111, "111 клиентов"),
        (112, "112 клиентов"),
        (1_000_001, "1000001 клиент"),
    ],
)
def test_a_count_has_its_noun_in_the_right_form(count: int, words: str) -> None:
    assert clients(count) == words


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 символа"), (2, "2 символов"), (11, "11 символов"), (21, "21 символа")]
)
def test_the_genitive_has_two_forms(count: int, words: str) -> None:
    assert of_characters(count) == words

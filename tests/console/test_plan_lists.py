"""Lists as people type them, and ids made from names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.planform.lists import Item, read_items, with_item, write_items
from console.planform.slug import made_id

IDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=8) | st.text(
    '",* a\u00a0', min_size=1, max_size=6
)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        (" , \n\n,", []),
        ("anna\nboris", [("anna", False), ("boris", False)]),
        ("anna, boris *,\n cleo", [("anna", False), ("boris", True), ("cleo", False)]),
        ("anna*", [("anna*", False)]),
        ("anna  *", [("anna", True)]),
        ("anna * *", [("anna *", True)]),
        ("*", [("*", False)]),
        ('"a,b" *\n"say ""hi"""', [("a,b", True), ('say "hi"', False)]),
        ('" x "', [(" x ", False)]),
        ('"open, b', [('"open', False), ("b", False)]),
        ('12" screen', [('12" screen', False)]),
        ('"a" b', [('"a" b', False)]),
        ('""', [('""', False)]),
    ],
)
def test_one_a_line_or_commas(text: str, items: list[tuple[str, bool]]) -> None:
    assert read_items(text, stars=True) == items


def test_only_managers_have_stars() -> None:
    assert read_items('offer *\n"a,b" *') == [("offer *", False), ("a,b *", False)]


@given(st.lists(st.tuples(IDS, st.booleans())))
def test_every_id_survives_the_form(items: list[tuple[str, bool]]) -> None:
    assert read_items(write_items([Item(*each) for each in items]), stars=True) == items


@given(st.lists(IDS))
def test_every_id_survives_in_a_list_without_stars(ids: list[str]) -> None:
    assert [item.id for item in read_items(write_items(map(Item, ids)))] == ids


def test_one_more_id_comes_at_the_end_and_once() -> None:
    assert with_item("", "a") == "a"
    assert with_item("a\n", "b") == "a\nb"
    assert with_item("a, b", "b") == "a, b"
    assert with_item("a", "b,c") == 'a\n"b,c"'


@pytest.mark.parametrize(
    ("name", "plan_id"),
    [
        ("June webinar", "june-webinar"),
        ("Июньский вебинар", "iyunskiy-vebinar"),
        ("Щука, ёж & объезд №5", "shchuka-ezh-obezd-no5"),
        ("Café Zürich", "cafe-zurich"),
        ("Київ", "kiyiv"),
        ("  --- ", "plan"),
        ("😀" * 120, "plan"),
        ("New", "new-plan"),
        ("preview!", "preview-plan"),
        ("a" * 120, "a" * 60),
        ("слово " * 20, "slovo-slovo-slovo-slovo-slovo-slovo-slovo-slovo-slovo-slovo"),
        ("日本", "plan"),
        ("٣", "plan"),
    ],
)
def test_the_id_is_the_name_in_latin_letters(name: str, plan_id: str) -> None:
    assert made_id(name) == plan_id

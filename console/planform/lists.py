"""Lists as people type them: one id a line, or several with commas between them; `` *`` after a paused manager.

An id may hold any printable character. The form quotes an id that this notation would change: ``"a,b"``, and ``""``
stands for a quote inside. A quote that has no partner is part of the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PAUSED = " *"
_ITEM = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\n]|"")+)"(?P<quoted_paused>\s*\*)?\s*(?=,|\n|$)|(?P<plain>[^,\n]*))')


class Item(NamedTuple):
    """An id of a list. ``paused`` is for managers; other lists keep the star as part of the id."""

    id: str
    paused: bool = False


def read_items(text: str, *, stars: bool = False) -> list[Item]:
    """The items of the text, without empty ones. ``stars``: a `` *`` at the end of an item means paused."""
    return list(_items(text, stars=stars))


def write_items(items: Iterable[Item]) -> str:
    """One item a line, so that ``read_items`` finds the same ones."""
    return "\n".join(_quoted(item.id) + (PAUSED if item.paused else "") for item in items)


def with_item(text: str, id_: str) -> str:
    """The text with one more id, unless the list has it."""
    if id_ in (item.id for item in read_items(text)):
        return text
    return "\n".join(filter(None, (text.rstrip(), write_items([Item(id_)]))))


def _items(text: str, *, stars: bool) -> Iterator[Item]:
    at = 0
    while at < len(text):
        found = _ITEM.match(text, at)
        assert found is not None  # noqa: S101 -- the plain form matches every text
        at = found.end() + 1  # behind the comma or the line break
        if found["quoted"] is not None:
            star = (found["quoted_paused"] or "").strip()
            id_ = found["quoted"].replace('""', '"')
            yield Item(id_, bool(star)) if stars or not star else Item(f"{id_} {star}")
        elif plain := found["plain"].strip():
            paused = stars and plain.endswith(PAUSED)
            yield Item(plain.removesuffix(PAUSED).rstrip(), paused=True) if paused else Item(plain)


def _quoted(id_: str) -> str:
    is_plain = id_ == id_.strip() and not re.search(r'^"|,| \*$|^\*$', id_)
    return id_ if is_plain else '"' + id_.replace('"', '""') + '"'

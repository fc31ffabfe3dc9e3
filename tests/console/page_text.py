"""Reads pages as people do."""

from __future__ import annotations

import html
import re


def texts(page: str) -> str:
    """The page without tags and entities, its white space as single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def part(page: str, element_id: str, end: str) -> str:
    """The text from the element with this id to the closing tag ``end``."""
    _, found, rest = page.partition(f'id="{element_id}"')
    assert found, element_id
    return texts("<" + rest.partition(end)[0])

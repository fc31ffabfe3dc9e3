"""Makes foreign texts safe to show: an id is any printable text, and must not change how its neighbours look."""

from __future__ import annotations

import unicodedata

from markupsafe import Markup, escape

INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # also all marks that turn the direction of a line
JOINERS = "\u200c\u200d"  # parts of words and of emoji


def visible(text: str) -> str:
    """The text, with an escape like ``\\u202e`` in place of each invisible character."""
    return "".join(map(_visible, text))


def isolated(text: str) -> Markup:
    """The visible text in an HTML element that keeps its writing direction to itself."""
    return Markup("<bdi>{}</bdi>").format(escape(visible(text)))


def _visible(character: str) -> str:
    if character in JOINERS or unicodedata.category(character) not in INVISIBLE:
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"

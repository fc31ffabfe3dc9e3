"""Makes a plan's id from its name: Russian letters in Latin ones, words joined by hyphens."""

from __future__ import annotations

import re
import unicodedata

from console.planform.russian_letters import LATIN

RESERVED = ("new", "preview")  # the addresses of other pages
LONGEST = 60
NAMELESS = "plan"  # for a name without a letter or a digit that has a Latin form


def made_id(name: str) -> str:
    """The id for the name, at most ``LONGEST`` characters, never one of ``RESERVED``."""
    latin = unicodedata.normalize("NFC", name).casefold().translate(LATIN)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(letter))
    slug = "-".join(re.findall("[a-z0-9]+", plain.lower()))
    if len(slug) > LONGEST:
        slug = slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    return f"{slug}-plan" if slug in RESERVED else slug or NAMELESS

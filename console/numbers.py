"""Reads numbers as people type them, in Russian and in English. What could mean two numbers is a question, no guess."""

from __future__ import annotations

import re
from decimal import Decimal

# Groups by a space, a no-break space or a narrow one; by comma or point only where the other one comes later.
SPACES = " \u00a0\u202f"
_PLAIN = re.compile(rf"-?(\d+|\d{{1,3}}([{SPACES}]\d{{3}})+)([.,]\d{{1,2}})?")
_COMMAS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d{1,2})?")
_POINTS = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d{1,2})?")
_THOUSANDS_OR_NOT = re.compile(rf"-?[\d{SPACES}]+[.,]\d{{3}}")


class NumberUnreadableError(ValueError):
    """The text is no number with two decimals at most."""


class NumberAmbiguousError(NumberUnreadableError):
    """The text can mean two numbers: three digits follow its only comma or point."""


def read_number(text: str) -> Decimal:
    """The number. Raises NumberUnreadableError, or NumberAmbiguousError for one like ``1,250``."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if not text.isascii() and not set(text) <= set("0123456789.,-" + SPACES):
        raise NumberUnreadableError
    if _THOUSANDS_OR_NOT.fullmatch(text):
        raise NumberAmbiguousError
    if _PLAIN.fullmatch(text):
        return Decimal(re.sub(f"[{SPACES}]", "", text).replace(",", "."))
    if _COMMAS.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _POINTS.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    raise NumberUnreadableError

"""Everybody locks in one order: that of numbers, or of code points, in which Python sorts."""

from __future__ import annotations

import re

import pytest

import db

# Whoever skips what is locked waits for nobody.
LOCKING = [
    name
    for name in db.names()
    if re.search("for update|on conflict", db.query(name)) and "skip locked" not in db.query(name)
]
TEXTS = r"\b(topic|group_id|account_id|lead_id|manager_id|plan_id|ref)\b(?! collate \"C\")"


@pytest.mark.parametrize("name", LOCKING)
def test_texts_are_locked_in_the_order_of_code_points(name: str) -> None:
    """In the database's own order `a-b` may come behind `ab`; a batch, sorted in Python, would lock them crosswise."""
    orders = re.findall(r"^\s*order by (.*)", db.query(name), re.MULTILINE)
    assert [order for order in orders if re.search(TEXTS, order)] == []

"""The rules of "How a lead is assigned", once more and plainly: one lead at a time, everything counted anew."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.stage.upstream import Event

COLUMN = {"subscription": "lgts", "order": "ordered", "failed-payment": "payment_failed", "paid": "paid"}


def entered_plans(versions: Iterable[Any], event: Event) -> list[Any]:
    """The plans in force that the event's lead enters."""
    return [
        version
        for version in versions
        if version["in_force"]
        and not version["archived"]
        and version["account_id"] == event.account
        and event.ref in version[COLUMN[event.kind]]
    ]


class Shares:
    """How many leads of a plan each manager has, and the ``plan_seq`` of his latest."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.latest: dict[str, int] = {}

    def give(self, manager: str, seq: int) -> None:
        self.counts[manager] += 1
        self.latest[manager] = seq


def manager_due(version: Any, shares: Shares, links: str | None) -> tuple[str, str] | None:
    """Who gets the plan's next lead, and for what reason; None where nobody may."""
    active = [m for m, on in zip(version["managers"], version["active"], strict=True) if on]
    if version["mode"] == "linked":
        known = json.loads(links or "null")
        for manager in known["contacts"]:
            if manager in active:
                return manager, "linked_contact"
        for _, manager in known["plans"]:
            if manager in active:
                return manager, "linked_plan"
    if not active:
        return None
    return min(active, key=lambda manager: _standing(version, shares, manager)), "even"


def _standing(version: Any, shares: Shares, manager: str) -> tuple[int, int, bytes]:
    words = "\0".join((version["account_id"], version["plan_id"], manager)).encode()
    permutation = hashlib.blake2b(words, digest_size=8).digest()
    return shares.counts[manager], shares.latest.get(manager, 0), permutation


def links_of(contacts: Iterable[Event], earlier: Sequence[Any]) -> dict[str, Any]:
    """What a linked plan must see of a lead: its contacts, latest first, and its managers in other plans."""
    latest: dict[str, str] = {}
    for event in contacts:
        manager = event.fields["manager_id"]
        latest[manager] = max(latest.get(manager, ""), event.fields["occurred_at"])
    plans = [[row["plan_id"], row["manager_id"]] for row in reversed(earlier)]
    return {"contacts": sorted(latest, key=lambda manager: latest[manager], reverse=True), "plans": plans}

"""Upstream as the tests play it: sample plans of two accounts, and seeded events that enter them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from tests.stage.environment import dice

Header = tuple[str, bytes | None]

ACME = """
account: acme
plans:
  - id: spring
    name: Spring
    conversion_percent: 12.5
    average_sale: "149.00"
    label: {text: Spring, color: "#2563eb"}
    managers: [anna, boris, chen, {id: dora, paused: true}]
    lgts: [landing-1, widget-1]
    offers: {ordered: [offer-1], payment_failed: [], paid: []}
  - id: rescue
    name: Rescue
    conversion_percent: 30
    average_sale: "149.00"
    managers: [anna, emil, farah]
    lgts: []
    offers: {ordered: [], payment_failed: [offer-1, offer-2], paid: [offer-2]}
    mode: linked
  - id: upsell
    name: Upsell
    conversion_percent: 8.25
    average_sale: "990.00"
    label: {text: Upsell}
    managers: [boris, emil, gita, hugo, irma]
    lgts: []
    offers: {ordered: [offer-1, offer-2], payment_failed: [], paid: []}
  - id: night
    name: Night
    conversion_percent: 3
    average_sale: "59.90"
    managers: [{id: rosa, paused: true}]
    lgts: [bot-1]
    offers: {ordered: [], payment_failed: [], paid: []}
"""
GLOBEX = """
account: globex
plans:
  - id: spring
    name: Spring elsewhere
    conversion_percent: 5
    average_sale: "10.00"
    managers: [otto, anna]
    lgts: [landing-1]
    offers: {ordered: [offer-1], payment_failed: [], paid: []}
"""
NEWCOMER = ACME.replace("managers: [anna, boris, chen,", "managers: [anna, boris, chen, zara,")
ANOTHER = """
account: acme
plans:
  - id: another
    name: Another
    conversion_percent: 1
    average_sale: "1.00"
    managers: [ines, jack]
    lgts: [unknown]
    offers: {ordered: [], payment_failed: [], paid: []}
"""

ACCOUNTS = ("acme", "acme", "acme", "globex", "nobody")
LGTS = ("landing-1", "landing-1", "widget-1", "bot-1", "unknown")
OFFERS = ("offer-1", "offer-1", "offer-2", "unknown")
MANAGERS = ("anna", "boris", "emil", "farah", "otto")
KINDS = {"subscription": 50, "order": 25, "failed-payment": 10, "paid": 5, "manager-contact": 10}
TRACEPARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
POISON = (None, b"", b"{", b"[]", b'{"event_id": "7"}', b"\xff")
POISON_SHARE = 0.003
LARGE = (10_000, 150_000)  # bytes
AGAIN_SHARE = 0.03


def moved(plans: str) -> str:
    """The plans with an LGT of `spring` in `upsell`."""
    plans = plans.replace("lgts: [landing-1, widget-1]", "lgts: [landing-1]")
    return plans.replace("lgts: []\n    offers: {ordered: [offer-1", "lgts: [widget-1]\n    offers: {ordered: [offer-1")


@dataclass(frozen=True)
class Event:
    """One record to send; ``poison`` is what the worker must find of it."""

    kind: str
    value: bytes | None
    key: bytes | None = None
    headers: Sequence[Header] = ()
    poison: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    partition: int | None = None  # None: as the key says
    too_large: bool | None = False  # its dead letter goes without the value; None: it may

    @property
    def account(self) -> str:
        return self.fields["account_id"]

    @property
    def lead(self) -> str:
        return self.fields["lead_id"]

    @property
    def ref(self) -> str:
        """The LGT or offer."""
        return self.fields["lgt_id" if self.kind == "subscription" else "offer_id"]


def event(random: Random, kind: str, lead: str, **fields: str) -> Event:
    """A good event; ``fields`` are those that matter to the test."""
    found = {"account_id": "acme", "lead_id": lead, "event_id": str(UUID(int=random.getrandbits(128)))}
    found["occurred_at"] = f"2026-06-01T10:{random.randrange(60):02}:00.{random.randrange(10**6):06}Z"
    match kind:
        case "subscription":
            found["lgt_id"] = "landing-1"
        case "manager-contact":
            found["manager_id"] = "anna"
        case _:
            found |= {"offer_id": "offer-1", "order_id": "o-1"}
    found |= fields
    value: dict[str, object] = {**found, "of_a_later_version": [1, None]}
    if kind == "paid":
        value["amount"] = {"amount": "149.00", "currency": "USD"}
    headers = [("traceparent", TRACEPARENT)] if random.random() < 0.1 else []
    return Event(kind, json.dumps(value).encode(), lead.encode(), headers, fields=found)


def events(
    random: Random, leads: int, kinds: Sequence[str] = tuple(KINDS), *, large_share: float = 0.0
) -> Iterator[Event]:
    """For ever: events about so many leads, some sent twice, a few that are poison; a share is large poison."""
    last: Event | None = None
    while True:
        if last and random.random() < AGAIN_SHARE:
            yield last
            continue
        kind = random.choices(kinds, [KINDS[kind] for kind in kinds])[0]
        lead = f"lead-{random.randrange(leads)}"
        if random.random() < POISON_SHARE:
            last = Event(kind, random.choice(POISON), lead.encode(), [("of", b"upstream")], poison=True)
        elif large_share and random.random() < large_share:
            value = random.randbytes(random.randrange(*LARGE))
            last = Event(kind, value, lead.encode(), poison=True, too_large=None)
        else:
            last = event(random, kind, lead, account_id=random.choice(ACCOUNTS), **_what(random, kind))
        yield last


def subscriptions(seed: int, count: int) -> list[Event]:
    """So many, each of another lead; other seeds give other leads."""
    random = dice(seed)
    return [event(random, "subscription", f"{seed}-{number}") for number in range(count)]


def _what(random: Random, kind: str) -> dict[str, str]:
    match kind:
        case "subscription":
            return {"lgt_id": random.choice(LGTS)}
        case "manager-contact":
            return {"manager_id": random.choice(MANAGERS)}
        case _:
            return {"offer_id": random.choice(OFFERS)}

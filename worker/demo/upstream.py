"""An upstream platform: made-up events of all five kinds, the same for the same seed.

``python -m worker.demo.upstream`` applies the sample plans and emits events to the servers of the environment.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import orjson

from worker import postgres
from worker.kafka.writer import writer
from worker.plans.file import parse
from worker.plans.store import apply
from worker.settings import Settings, load_settings

PLANS = Path(__file__).with_name("plans.yaml")
ACCOUNT = "acme"
MANAGERS = ("anna", "boris", "emil", "farah", "gita", "hugo")
LGTS = ("landing-7", "widget-2", "bot-1", "bot-2", "bot-night", "landing-of-nobody")
OFFERS = ("offer-9", "offer-4", "offer-of-nobody")
KINDS = {"subscription": 50, "order": 18, "failed-payment": 8, "paid": 9, "manager-contact": 15}
POISON = (b"", b"{", b'{"event_id": 7}', b'{"lead_id": "a", "lead_id": "b"}', b"\xff\xfe")
POISON_SHARE = 0.002
AGAIN_SHARE = 0.02  # the part of the events that upstream sends twice
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
IN_FLIGHT = 2000  # records that are sent before their acknowledgements are awaited


class Emitted(NamedTuple):
    """One record that upstream sends."""

    kind: str
    key: bytes
    value: bytes


def events(seed: int, count: int) -> Iterator[Emitted]:
    """Makes ``count`` records: most are good, some are sent twice, a few are unreadable."""
    random = Random(seed)  # noqa: S311 -- made-up events, no secrets
    last: Emitted | None = None
    for number in range(count):
        if last and random.random() < AGAIN_SHARE:
            yield last
            continue
        lead = f"lead-{random.randrange(max(1, count // 2))}"
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        value = _value(random, kind, lead, number)
        if random.random() < POISON_SHARE:
            value = random.choice(POISON)
        last = Emitted(kind, lead.encode(), value)
        yield last


def _value(random: Random, kind: str, lead: str, number: int) -> bytes:
    event: dict[str, object] = {
        "event_id": str(UUID(int=random.getrandbits(128), version=4)),
        "occurred_at": BEGIN + timedelta(milliseconds=number),
        "account_id": ACCOUNT,
        "lead_id": lead,
    }
    if kind == "subscription":
        event["lgt_id"] = random.choice(LGTS)
    elif kind == "manager-contact":
        event["manager_id"] = random.choice(MANAGERS)
    else:
        event |= {
            "offer_id": random.choice(OFFERS),
            "order_id": f"order-{number}",
            "amount": {"amount": "149.00", "currency": "USD"},
        }
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)


async def emit(settings: Settings, seed: int, count: int) -> None:
    """Sends the events as fast as Kafka takes them. Returns when all are acknowledged."""
    topics = {kind: topic for topic, kind in settings.topics.inputs.items()}
    async with writer(settings.kafka) as producer:
        sent = []
        for event in events(seed, count):
            sent.append(await producer.send(topics[event.kind], event.value, event.key))
            if len(sent) == IN_FLIGHT:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)


async def apply_plans(settings: Settings) -> None:
    """Stores the sample plans in the database."""
    async with postgres.connected(settings.dsn, application_name="salesplan-demo") as connection:
        await apply(connection, parse(PLANS.read_text()), changed_by="demo", execute=True)


async def _main() -> None:
    parser = argparse.ArgumentParser(description="Apply the sample plans and emit made-up events.")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings = load_settings()
    await apply_plans(settings)
    await emit(settings, arguments.seed, arguments.events)


if __name__ == "__main__":
    asyncio.run(_main())

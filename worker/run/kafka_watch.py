"""Checks that the consumer still reaches brokers, and drops it if only a new consumer would reach them.

The client reads the configured addresses only at its start. Later it knows only the addresses that brokers have sent.
If all brokers have moved meanwhile, it asks the old addresses for ever and reports nothing.
"""

from __future__ import annotations

import asyncio
import time

from worker.intake.poll import Intake
from worker.kafka import ConsumerLostError
from worker.kafka.diagnosis import diagnose
from worker.log.reminders import Reminders
from worker.run.health import Health
from worker.settings import Settings

LOST_SECONDS = 30.0  # seconds without an answer; most restarts of brokers take less, and then cost no rebalance


async def watch_kafka(
    settings: Settings, intake: Intake, health: Health, reminders: Reminders, *, seconds: float
) -> None:
    """Check for ever, also while there are no records and no session. Raises ConsumerLostError."""
    answered_at = time.monotonic()
    while True:
        await intake.ask_kafka()
        health.group = intake.has_joined
        if intake.answers:
            answered_at = time.monotonic()
        else:
            reminders.warning("kafka_out_of_reach")
            if time.monotonic() - answered_at >= LOST_SECONDS:
                await _try_new_client(settings, intake, reminders)
        await asyncio.sleep(seconds)


async def _try_new_client(settings: Settings, intake: Intake, reminders: Reminders) -> None:
    """Log why a new client can't connect; if it can, drop the worker's present one."""
    if found := await diagnose(settings.kafka):
        reminders.error("kafka_unreachable", why=found)
        return
    await intake.ask_kafka()  # the brokers may have come back only now
    if not intake.answers:
        intake.broken = True  # so that the next session gets a new consumer
        why = "brokers answer at KAFKA_BOOTSTRAP_SERVERS, but no longer at the addresses that the consumer knows"
        reminders.warning("consumer_renewed", why=why)
        raise ConsumerLostError(why)

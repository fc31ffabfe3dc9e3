"""Looks whether the consumer still reaches brokers, and gives it up where a new one would reach them.

The client reads the configured addresses once. Later it knows only those that brokers have told it. Where all brokers
have moved meanwhile, it asks the old addresses for ever, and says nothing of it.
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

LOST_SECONDS = 30.0  # without an answer; most restarts of brokers are over by then, and cost no rebalance


async def watch_kafka(
    settings: Settings, intake: Intake, health: Health, reminders: Reminders, *, seconds: float
) -> None:
    """Look for ever, also while there is nothing to do and no session. Raises ConsumerLostError."""
    answered_at = time.monotonic()
    while True:
        await intake.ask_kafka()
        health.group = intake.has_joined
        if intake.answers:
            answered_at = time.monotonic()
        else:
            reminders.warning("kafka_out_of_reach")
            if time.monotonic() - answered_at >= LOST_SECONDS:
                await _look_for_a_way(settings, intake, reminders)
        await asyncio.sleep(seconds)


async def _look_for_a_way(settings: Settings, intake: Intake, reminders: Reminders) -> None:
    """Tell what is in the way of a new client; where nothing is, give up the one that the worker has."""
    if found := await diagnose(settings.kafka):
        reminders.error("kafka_unreachable", why=found)
        return
    await intake.ask_kafka()  # the brokers may have come back only now
    if not intake.answers:
        intake.broken = True  # so that the session that this ends is not followed by another with the same consumer
        why = "brokers answer at KAFKA_BOOTSTRAP_SERVERS, and no longer where or as the consumer knows them"
        reminders.warning("consumer_renewed", why=why)
        raise ConsumerLostError(why)

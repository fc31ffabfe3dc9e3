"""Tells the operator what keeps a worker from its servers: a setting, a right that its Kafka user lacks, or who else
is in its consumer group.

The worker goes on trying, since both can be mended without it; the log says what to mend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import structlog

from worker import kafka, postgres
from worker.kafka.admin import administration
from worker.kafka.obstacles import at_odds, is_at_odds, is_denied, is_unreached, obstacle
from worker.reminders import Reminders
from worker.rights import Job, Right, lacking
from worker.settings import Settings
from worker.troubles import leaves

GROUP = "group"
PATIENCE = 3.0  # seconds; about the time to the next try

log = structlog.get_logger()


async def explain(
    settings: Settings, troubles: BaseExceptionGroup[BaseException] | None, reminders: Reminders[str]
) -> None:
    """Log what to mend, where these troubles are of that kind. Asks the brokers, for some seconds at most."""
    errors = list(leaves(troubles)) if troubles else []
    lasting = [GROUP] if any(map(is_at_odds, errors)) else []
    reminders.over(lasting)
    for error in errors:
        if isinstance(error, postgres.UnreachedError):
            log.error("postgres_unreachable", why=str(error))
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            if any(map(is_denied, errors)):
                await _explain_denial(settings)
            elif reminders.due(lasting):
                await _explain_group(settings)
            elif any(map(is_unreached, errors)) and (found := await obstacle(settings.kafka)):
                log.error("kafka_unreachable", why=found)


def tell_lacking(rights: Iterable[Right]) -> bool:
    """Log each of these rights as lacking; whether there was one."""
    found = list(rights)
    for right in found:
        log.error("right_lacking", why=str(right))
    return bool(found)


async def _explain_denial(settings: Settings) -> None:
    try:
        async with administration(settings.kafka) as admin:
            found = await lacking(admin, settings, Job.WORKER)
    except kafka.TROUBLE:
        return  # the next try will meet it, and tell
    if not tell_lacking(found):
        # A right on transactional ids to look at them alone: the brokers do not tell it from one to write.
        log.error("right_lacking", why="some right of `salesplan acls list`; perhaps Write on the transactional-id")


async def _explain_group(settings: Settings) -> None:
    try:
        async with administration(settings.kafka) as admin:
            log.error(
                "group_unusable", why=at_odds(settings.kafka.group_id, await admin.group(settings.kafka.group_id))
            )
    except kafka.TROUBLE:
        pass  # the next reminder tells

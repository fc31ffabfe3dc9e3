"""Logs the reason why a worker can't use its servers: a setting, a missing right, or a foreign program in its group.

The worker goes on trying, since the operator can mend each of these while it runs. The log says what to mend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from db import query
from worker import kafka, postgres
from worker.cluster.rights import Job, Right, lacking
from worker.concurrency import errors_of
from worker.kafka.admin import administration
from worker.kafka.diagnosis import diagnose, explain_mismatch, is_denied, is_protocol_mismatch, is_unreached
from worker.log.reminders import Reminders
from worker.settings import Settings

COMMITS_WAITING = query("sessions/commits_waiting")

STANDBY = (
    "commits wait for a synchronous standby that does not answer (SyncRep): bring one back, or take it out of "
    "synchronous_standby_names and accept that a failover may lose decisions; nothing is lost meanwhile"
)
PATIENCE = 3.0  # seconds; about the time to the next try


async def explain(settings: Settings, troubles: BaseExceptionGroup[BaseException] | None, reminders: Reminders) -> None:
    """Log what to mend, if somebody has to mend something. Asks servers, for some seconds at most."""
    errors = list(errors_of(troubles)) if troubles else []
    for error in errors:
        report(error, reminders)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            if any(map(is_denied, errors)):
                await _explain_denial(settings, reminders)
            elif any(map(is_protocol_mismatch, errors)):
                await _explain_group(settings, reminders)
            elif any(map(postgres.is_late, errors)) and await _commits_wait(settings):
                reminders.error("postgres_refuses", why=STANDBY)
            elif any(map(is_unreached, errors)) and (found := await diagnose(settings.kafka)):
                reminders.error("kafka_unreachable", why=found)


def report(error: BaseException, reminders: Reminders) -> None:
    """Log the remedy that the error itself names."""
    if isinstance(error, postgres.UnreachedError):
        reminders.error("postgres_unreachable", why=str(error))
    elif isinstance(error, kafka.RefusalError):
        reminders.error("kafka_refuses", why=str(error))
    elif isinstance(error, postgres.REJECTED):
        reminders.error("postgres_refuses", why=postgres.rejection(error))
    elif remedy := postgres.remedy(error):
        reminders.error("postgres_refuses", why=remedy)


def report_lacking(rights: Iterable[Right], reminders: Reminders) -> bool:
    """Log each of these missing rights; returns True if there is one."""
    found = list(rights)
    for right in found:
        reminders.error("right_lacking", why=str(right))
    return bool(found)


async def _commits_wait(settings: Settings) -> bool:
    """True if sessions of our login wait for a standby. They wait long after the worker has given them up."""
    try:
        async with postgres.connected(settings.dsn, application_name="salesplan") as connection:
            return bool(await connection.fetchval(COMMITS_WAITING))
    except postgres.TROUBLE:
        return False  # the next session meets this error too, and reports it


async def _explain_denial(settings: Settings, reminders: Reminders) -> None:
    try:
        async with administration(settings.kafka) as admin:
            found = await lacking(admin, settings, Job.WORKER)
    except kafka.TROUBLE:
        return  # the next try meets this error too, and reports it
    if not report_lacking(found, reminders):
        # Brokers do not show if the right on transactional ids is only Describe, or also Write.
        reminders.error(
            "right_lacking", why="some right of `salesplan acls list`; perhaps Write on the transactional-id"
        )


async def _explain_group(settings: Settings, reminders: Reminders) -> None:
    group_id = settings.kafka.group_id
    with suppress(*kafka.TROUBLE):  # the next try meets this error too, and reports it
        async with administration(settings.kafka) as admin:
            reminders.error("group_unusable", why=explain_mismatch(group_id, await admin.group(group_id)))

"""Chooses the page for an error. Trouble with the database passes, so the user may try again; all else is a bug."""

from __future__ import annotations

import structlog

from console.errors import AWAY, BUSY, FAULT, Refusal
from worker import log as logging
from worker import postgres
from worker.log.reminders import Reminders

log = structlog.get_logger()
reminders = Reminders()


def refusal_of(error: Exception) -> Refusal:
    """The refusal that the user sees. The log gets what operators need, but no content of rows."""
    if isinstance(error, postgres.RETRY) or postgres.is_late(error):
        reminders.warning("database_busy", error=type(error).__name__)
        return BUSY
    if isinstance(error, postgres.REJECTED):
        reminders.error("database_refuses", reason=postgres.rejection(error))
        return AWAY
    if isinstance(error, postgres.UNMIGRATED):
        reminders.error("database_unfit", reason=postgres.shortcoming(error))
        return AWAY
    if isinstance(error, postgres.TROUBLE):
        reminders.warning("database_away", reason=postgres.remedy(error) or type(error).__name__)
        return AWAY
    log.critical("fault_of_this_program", **logging.without_words(error))
    return FAULT

"""Logs: one event a line on stderr, JSON unless it is a terminal. Never a payload, a secret or an address of one.

No lead is named either, nor a manager: see ``pseudonym``.
"""

import hashlib
import logging
import secrets
import sys
import traceback
from functools import cache
from typing import Literal

import orjson
import structlog

log = structlog.get_logger()


def configure(level: str = "info", form: Literal["auto", "json", "console"] = "auto") -> None:
    """Set up structlog; what libraries say comes through at `error`, since theirs is not ours to word."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    numeric = logging.getLevelNamesMapping()[level.upper()]
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if console:
        structlog.configure(
            processors=[*processors, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())],
            wrapper_class=structlog.make_filtering_bound_logger(numeric),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    else:
        structlog.configure(
            processors=[
                *processors,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(serializer=orjson.dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(numeric),
            logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        )
    logging.basicConfig(handlers=[OfLibraries()], level=logging.ERROR)
    hush_kafka()


class OfLibraries(logging.Handler):
    """What a library says becomes a line like ours.

    Of an exception it holds the type and the way it came, not the words: they may quote a row, and with it a lead.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """The message's first line; asyncio repeats the exception's words in the second."""
        told: dict[str, object] = {"logger": record.name, "said": record.getMessage().partition("\n")[0]}
        if record.exc_info and (error := record.exc_info[1]):
            told |= without_words(error)
        log.log(record.levelno, "library", **told)


def without_words(error: BaseException) -> dict[str, object]:
    """An exception's type and the way it came, for a log line. Its text may quote a row, and with it a lead."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"exception": type(error).__name__, "way": [f"{f.name} {f.filename}:{f.lineno}" for f in frames]}


def hush_kafka() -> None:
    """aiokafka reports each retry as an error; what remains an error reaches us as an exception."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def pseudonym(account_id: str, lead_id: str) -> str:
    """What a lead is called in the logs of this process: lines about one lead can be told from those about others.

    The key is random and never leaves the process, so nobody gets from here to the lead, not by trying all ids either.
    From the id of the event on the same line one does, with the right to read the ledger.
    """
    words = "\0".join((account_id, lead_id)).encode()
    return hashlib.blake2b(words, key=_key(), digest_size=8).hexdigest()


@cache
def _key() -> bytes:
    return secrets.token_bytes(32)

"""Logs: one event a line on stderr, JSON unless it is a terminal. Never a payload, a secret or an address of one.

No lead is named either, nor a manager: see ``pseudonym``.
"""

import atexit
import hashlib
import logging
import secrets
import sys
import traceback
from collections.abc import Callable
from functools import cache
from typing import BinaryIO, Literal, cast

import orjson
import structlog

from worker.log.writer import LogWriter
from worker.process import streams

log = structlog.get_logger()


def configure(level: str = "info", form: Literal["auto", "json", "console"] = "auto") -> None:
    """Set up structlog; what libraries say comes through at `error`, since theirs is not ours to word.

    From here on all that goes to stderr takes the way of the log, so that lines keep their order and none of them can
    stop the process: not a traceback at its end either.
    """
    terminal = sys.stderr.isatty()
    writer = _writer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(console=form == "console" or (form == "auto" and terminal), colors=terminal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, writer)),
    )
    sys.stderr = streams.text(writer, like=sys.stderr, errors="backslashreplace")
    logging.basicConfig(handlers=[OfLibraries()], level=logging.ERROR)
    hush_kafka()


def _rendering(*, console: bool, colors: bool) -> list[structlog.typing.Processor]:
    if console:
        return [structlog.dev.ConsoleRenderer(colors=colors), _encoded]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=orjson.dumps)]


def _encoded(_: object, __: str, line: structlog.typing.EventDict) -> bytes:
    return str(line).encode(errors="backslashreplace")


@cache
def _writer() -> LogWriter:
    """One for the process; its end waits for the last lines."""
    writer = LogWriter(sys.stderr.fileno())
    atexit.register(writer.finish)
    return writer


def finish(seconds: float) -> None:
    """Wait for the last lines, no longer than this; for an end of the process that does not wait by itself."""
    _writer().finish(seconds)


def count_dropped(count: Callable[[int], None]) -> None:
    """Have the lines counted that can't be written, those that are dropped already too."""
    if _writer.cache_info().currsize:
        _writer().count_dropped(count)


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
    """An exception's type and the way it came, for a log line; the same of its cause, if it has one.

    Its text may quote a row, and with it a lead.
    """
    frames = traceback.extract_tb(error.__traceback__)
    way = [f"{f.name} {f.filename}:{f.lineno}" for f in frames]
    told: dict[str, object] = {"exception": type(error).__name__, "way": way}
    if error.__cause__:
        told["cause"] = without_words(error.__cause__)
    return told


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

"""Logs: one event a line on stderr, in JSON except on a terminal. No line contains a payload or a secret.

No line names a lead or a manager: see ``pseudonym``.
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
    """Set up structlog. Messages of libraries appear only at level `error`, since their words are not ours.

    From here on all output to stderr goes through the log's writer. So lines keep their order, and no line can stop the
    process: not even a traceback at its end.
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
    """The one writer of the process. The end of the process waits for its last lines."""
    writer = LogWriter(sys.stderr.fileno())
    atexit.register(writer.finish)
    return writer


def finish(seconds: float) -> None:
    """Wait for the last lines, at most this long. Needed before an end of the process that does not wait by itself."""
    _writer().finish(seconds)


def count_dropped(count: Callable[[int], None]) -> None:
    """Register a counter for lines that can't be written, including those that are already lost."""
    if _writer.cache_info().currsize:
        _writer().count_dropped(count)


class OfLibraries(logging.Handler):
    """Turns a library's message into a line like ours.

    For an exception the line has its type and stack, without its text: the text may quote a row, and with it a lead.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Log the message's first line. asyncio repeats the exception's text in the second."""
        fields: dict[str, object] = {"logger": record.name, "said": record.getMessage().partition("\n")[0]}
        if record.exc_info and (error := record.exc_info[1]):
            fields |= without_words(error)
        log.log(record.levelno, "library", **fields)


def without_words(error: BaseException) -> dict[str, object]:
    """Describe an exception and its causes for a log line, by type and stack.

    Its text may quote a row, and with it a lead, so it is left out.
    """
    frames = traceback.extract_tb(error.__traceback__)
    way = [f"{f.name} {f.filename}:{f.lineno}" for f in frames]
    fields: dict[str, object] = {"exception": type(error).__name__, "way": way}
    if error.__cause__:
        fields["cause"] = without_words(error.__cause__)
    return fields


def hush_kafka() -> None:
    """Turn off aiokafka's own log: it reports each retry as an error, and real errors reach us as exceptions."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def pseudonym(account_id: str, lead_id: str) -> str:
    """Name a lead in the logs of this process: lines about the same lead have the same name.

    The key is random and never leaves the process. So nobody can find the lead from this name, not even by trying all
    ids. A reader of the ledger can find it from the event id on the same line.
    """
    words = "\0".join((account_id, lead_id)).encode()
    return hashlib.blake2b(words, key=_key(), digest_size=8).hexdigest()


@cache
def _key() -> bytes:
    return secrets.token_bytes(32)

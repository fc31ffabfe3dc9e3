"""Logs: one event a line on stderr, JSON unless it is a terminal. Never a payload, a secret or an address of one."""

import logging
import sys
from typing import Literal

import orjson
import structlog


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
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(name)s: %(message)s")
    # aiokafka reports each retry as an error; what remains an error reaches us as an exception.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

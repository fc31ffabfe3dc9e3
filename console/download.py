"""Sends a file of many rows. Neither memory nor a connection to the database waits for a slow reader."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console import failures

MOST_SECONDS = 300.0  # for a whole file
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins with one of these for a formula
BOM = "\ufeff"

log = structlog.get_logger()


class DownloadCutError(Exception):
    """The file ends early. The server ends the connection without the last chunk, so the browser tells of a failure."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The form of a CSV that spreadsheets of one language expect."""

    delimiter: str
    opening: str


DIALECTS = {"en": Dialect(",", ""), "ru": Dialect(";", BOM)}


def lines(rows: Iterable[Sequence[object]], dialect: Dialect) -> str:
    """The rows as lines of a CSV."""
    written = StringIO()
    csv.writer(written, delimiter=dialect.delimiter, lineterminator="\r\n").writerows(map(_defused, rows))
    return written.getvalue()


def _defused(row: Sequence[object]) -> list[str]:
    return [f"'{text}" if text.startswith(RISKY) else text for text in map(str, row)]


class Sending(Response):
    """A file whose pieces come one by one. A failure on the way is logged, and cuts the file off."""

    def __init__(self, name: str, media_type: str, pieces: Callable[[], AsyncIterator[str]]) -> None:
        super().__init__(media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all pieces. Raises DownloadCutError."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    await self._send_pieces(send)
            except DownloadCutError:
                raise
            except TimeoutError:
                log.warning("download_cut", seconds=MOST_SECONDS)
                raise DownloadCutError from None
            except Exception as error:  # noqa: BLE001 -- the file has begun, so no page can tell of it any more
                failures.refusal_of(error)
                raise DownloadCutError from None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_pieces(self, send: Send) -> None:
        async for piece in self._pieces():
            await send({"type": "http.response.body", "body": piece.encode(), "more_body": True})

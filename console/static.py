"""Stylesheet, script and icon: files held in memory, under addresses that change with their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from console.errors import NOT_FOUND, RefusalError

FOLDER = Path(__file__).parent / "static"
TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "plan_form.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PATH = "/static/{digest}/{name}"
FOR_EVER = "public, max-age=31536000, immutable"  # it holds nobody's data


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    address: str
    content: bytes
    compressed: bytes


@cache
def file(name: str) -> File:
    """Read the file at its first request only; ``name`` is one of ``TYPES``."""
    content = (FOLDER / name).read_bytes()
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    address = PATH.format(digest=digest, name=name)
    return File(address, content, gzip.compress(content, 9, mtime=0))


def send(request: Request) -> Response:
    """The file at the request's path. Raises RefusalError where there is none, or another release's."""
    name = request.url.path.rpartition("/")[2]
    if name not in TYPES or request.url.path != file(name).address:
        raise RefusalError(NOT_FOUND)
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file(name).compressed, media_type=TYPES[name], headers={**headers, "content-encoding": "gzip"})
    return Response(file(name).content, media_type=TYPES[name], headers=headers)

"""A posted form: read within limits, every value as it was typed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from starlette.requests import Request

from console.errors import NOT_A_FORM, NOT_UTF8, TOO_LARGE, RefusalError

MOST_BYTES = 100_000
MOST_FIELDS = 500
CONTENT_TYPE = "application/x-www-form-urlencoded"


class Form:
    """The fields by name. If a field came twice, its last value counts."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields
        self._by_name = dict(fields)

    def get(self, name: str, default: str = "") -> str:
        """The value as it was typed, with the line ends of this machine."""
        return self._by_name.get(name, default).replace("\r\n", "\n")

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name


async def read_form(request: Request) -> Form:
    """The form in the request's body. Raises RefusalError for one that is too large, of another type, or not UTF-8."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if kind.strip() != CONTENT_TYPE or charset not in ("", "utf-8"):
        raise RefusalError(NOT_A_FORM)
    body = await _body(request)
    if body.count(b"&") >= MOST_FIELDS:
        raise RefusalError(TOO_LARGE)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise RefusalError(NOT_UTF8) from None
    if any("\0" in text for field in fields for text in field):  # no text of the database holds it
        raise RefusalError(NOT_UTF8)
    return Form(fields)


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise RefusalError(TOO_LARGE)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise RefusalError(TOO_LARGE)
    return body

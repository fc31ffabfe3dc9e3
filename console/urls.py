"""Addresses of pages: below `/a/{account}` for a user of several accounts."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urlencode

from console.errors import NOT_FOUND, RefusalError

PREFIX = b"/a/"


def address(account: str | None, path: str, **query: object) -> str:
    """The address of a page; query fields that are None are left out."""
    fields = {name: value for name, value in query.items() if value is not None}
    prefix = f"/a/{quote(account, safe='')}" if account is not None else ""
    return prefix + path + ("?" + urlencode(fields) if fields else "")


def split(raw_path: bytes) -> tuple[str | None, str]:
    """The account before the path, if there is one, and the path behind it, both decoded.

    The account's own slashes are percent-encoded, so it ends at the first slash. Raises RefusalError where that is not
    UTF-8.
    """
    account = None
    try:
        if raw_path.startswith(PREFIX):
            encoded, slash, rest = raw_path.removeprefix(PREFIX).partition(b"/")
            account, raw_path = unquote_to_bytes(encoded).decode(), slash + rest
        path = unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        raise RefusalError(NOT_FOUND) from None
    if "\0" in path or (account is not None and "\0" in account):
        raise RefusalError(NOT_FOUND)
    return account, path


def is_local(path: str) -> bool:
    """True for a path on this site, to which a browser may be sent back."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()

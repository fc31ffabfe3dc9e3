"""Refuses changes that another site sends through the browser.

The pages have no CSRF tokens: a token expires, and a form that was open for a long time would be lost.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from console.errors import CROSS_SITE, RefusalError

OWN = ("same-origin", "none")  # none: typed into the address bar, or a bookmark


def refuse_cross_site(request: Request) -> None:
    """Raise RefusalError if another site made the browser send this change, or may have."""
    site = request.headers.get("sec-fetch-site")
    if site is None:
        own = _host_of(request.headers.get("origin", "")) == request.headers.get("host", "").lower()
    else:
        own = site in OWN
    if not own:
        raise RefusalError(CROSS_SITE)


def _host_of(origin: str) -> str | None:
    """Host and port of an origin; None where there are none, as in ``null``."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None

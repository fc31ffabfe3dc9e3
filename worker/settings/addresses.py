"""Addresses of IPv6 as the clients want them: in brackets, since colons stand before ports too."""

from __future__ import annotations

from ipaddress import IPv6Address
from urllib.parse import parse_qs, quote, urlsplit


def is_ipv6(host: str) -> bool:
    """True for an address of IPv6 without brackets, with or without a zone."""
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def bracketed(hosts: str) -> str:
    """Hosts, comma separated, as libpq takes them, in the words of asyncpg: it knows no address without brackets."""
    return ",".join(f"[{host}]" if is_ipv6(host) else host for host in hosts.split(","))


def with_brackets(url: str | None, host: str | None) -> str | None:
    """An address of Postgres whose parameter ``host``, or else ``PGHOST`` beside it, names hosts as asyncpg wants."""
    parts = urlsplit(url or "postgresql://")
    given = parse_qs(parts.query).get("host", [])
    if not given and host and bracketed(host) != host and not parts.netloc.rpartition("@")[2]:
        given, parts = [host], parts._replace(query="&".join(filter(None, (parts.query, "host="))))
    if not given or bracketed(given[-1]) == given[-1]:
        return url
    others = [text for text in parts.query.split("&") if text and not text.startswith("host=")]
    query = "&".join([*others, f"host={quote(bracketed(given[-1]), safe='[]:,')}"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"

"""IPv6 addresses in brackets: the clients need them, since a colon also separates the port."""

from __future__ import annotations

from ipaddress import IPv6Address


def is_ipv6(host: str) -> bool:
    """True for an IPv6 address without brackets, with or without a zone."""
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def bracketed(hosts: str) -> str:
    """Put brackets around each IPv6 address of a list of hosts: libpq takes it without them, asyncpg only with them."""
    return ",".join(f"[{host}]" if is_ipv6(host) else host for host in hosts.split(","))

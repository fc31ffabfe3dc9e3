"""Puts IPv6 addresses in brackets. The clients need the brackets, because a colon also separates the port."""

from __future__ import annotations

from ipaddress import IPv6Address


def is_ipv6(host: str) -> bool:
    """True for an IPv6 address without brackets, with or without a zone."""
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def without_brackets(host: str, port_setting: str) -> str:
    """A host to listen on. Raises ValueError where a port is written behind it."""
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare and not is_ipv6(bare):
        raise ValueError(f"must be an address or a name, the port is {port_setting}")
    return bare


def bracketed(hosts: str) -> str:
    """Put brackets around each IPv6 address of a list of hosts: libpq takes it without them, asyncpg only with them."""
    return ",".join(f"[{host}]" if is_ipv6(host) else host for host in hosts.split(","))

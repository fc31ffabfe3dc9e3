"""Finds the signed-in user: a trusted proxy names it, or `--as` does on this machine alone."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from console.errors import NOT_THIS_HOST, NOT_UTF8, SIGN_IN, TWO_USERS, RefusalError
from worker.settings import Console

SECRET_HEADER = "x-proxy-secret"  # noqa: S105 -- the name of a header
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

Identify = Callable[[Request], str]


def by_proxy(settings: Console) -> Identify:
    """The user as the proxy's header names him. Raises RefusalError where the header can't be believed."""
    networks, header = settings.networks, settings.user_header.lower()
    secret = settings.proxy_secret.get_secret_value().encode() if settings.proxy_secret else None

    def identify(request: Request) -> str:
        peer = _address(request)
        if peer is None or not any(peer in network for network in networks):
            raise RefusalError(SIGN_IN)
        if secret is not None and not _has_secret(request, secret):
            raise RefusalError(SIGN_IN)
        return _named(request, header)

    return identify


def always(user: str) -> Identify:
    """Take every request for this user's. Refuses the host name of another site, whose pages could read the answers."""

    def identify(request: Request) -> str:
        host = request.headers.get("host", "")
        if host.rpartition(":")[0] not in LOOPBACK_NAMES and host not in LOOPBACK_NAMES:
            raise RefusalError(NOT_THIS_HOST)
        return user

    return identify


def is_loopback(host: str) -> bool:
    """True if only this machine can reach a port on this address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(request: Request) -> object:
    """The peer's address. An IPv4 address in IPv6 form counts as IPv4."""
    if request.client is None:
        return None
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _has_secret(request: Request, secret: bytes) -> bool:
    given = [value for name, value in request.headers.raw if name == SECRET_HEADER.encode()]
    return len(given) == 1 and hmac.compare_digest(given[0], secret)


def _named(request: Request, header: str) -> str:
    given = [value for name, value in request.headers.raw if name == header.encode()]
    if len(given) > 1:
        raise RefusalError(TWO_USERS)
    try:
        user = given[0].decode().strip() if given else ""
    except UnicodeDecodeError:
        raise RefusalError(NOT_UTF8) from None
    if not user:
        raise RefusalError(SIGN_IN)
    return user

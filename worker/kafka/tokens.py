"""Tokens to log in to Kafka.

The worker requests them with the client's own credentials (RFC 6749, 4.4), and reuses each while it is valid.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaError

from worker.settings.kafka import Kafka

DEADLINE = 10.0  # seconds for the endpoint's answer; starting a client may take 20
SILENCE = 5.0
LARGEST = 64 * 1024  # bytes of an answer
EARLY = 30.0  # the worker renews a token this many seconds before its end, or a fifth of a short life before

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
REASON = re.compile(r"[a-z_]{1,40}")


class TokenError(KafkaError):
    """The endpoint gave no token. The text says why, and quotes neither request nor answer."""


class Token(NamedTuple):
    """A token and its lifetime in seconds; 0 if the endpoint did not give one."""

    text: str
    seconds: float


class Tokens(AbstractTokenProvider):
    """The token provider of a client, which calls it for each connection."""

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings
        self._token = ""
        self._valid_until = 0.0

    async def token(self) -> str:
        """Return a token that is valid for some time. Raises TokenError."""
        if time.monotonic() >= self._valid_until:
            # Clients that connect at the same time may each request one. That is harmless, and no lock outlives its
            # loop.
            asked_at = time.monotonic()
            self._token, seconds = await self._ask()
            self._valid_until = asked_at + seconds - min(EARLY, seconds / 5)
        return self._token

    async def _ask(self) -> Token:
        request = _request(self._settings)
        try:
            async with asyncio.timeout(DEADLINE):
                opener = _opener(self._settings.sasl_oauthbearer_cafile)  # reads the file, which may have changed
                return _read(await asyncio.to_thread(_exchange, opener, request))
        except HTTPError as error:
            with error:
                raise TokenError(f"{_name(request)} {_refusal(error)}") from None
        except URLError as error:
            raise TokenError(f"{_name(request)} can't be reached: {error.reason}") from None
        except TimeoutError:
            raise TokenError(f"{_name(request)} does not answer") from None
        except (OSError, ValueError):
            raise TokenError(f"{_name(request)} gives no token that can be used") from None


@lru_cache(maxsize=4)
def tokens_of(settings: Kafka) -> Tokens:
    """Return one provider for all clients with these settings, so that they share the token."""
    return Tokens(settings)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect: it would carry the secret to another address."""


def _opener(cafile: str | None) -> OpenerDirector:
    return build_opener(_NoRedirect, HTTPSHandler(context=ssl.create_default_context(cafile=cafile)))


def _request(settings: Kafka) -> Request:
    url, secret = settings.sasl_oauthbearer_token_endpoint_url, settings.client_secret_now()
    assert url is not None  # noqa: S101 -- the settings check it
    assert secret is not None  # noqa: S101 -- as above
    names = (settings.sasl_oauthbearer_client_id or "", secret)
    login = base64.b64encode(":".join(map(quote_plus, names)).encode()).decode()
    form = {"grant_type": "client_credentials"}
    if settings.sasl_oauthbearer_scope:
        form["scope"] = settings.sasl_oauthbearer_scope
    return Request(  # noqa: S310 -- the settings take https only, and http on this machine
        url,
        data=urlencode(form).encode(),
        headers={"Authorization": f"Basic {login}", "Accept": "application/json"},
    )


def _exchange(opener: OpenerDirector, request: Request) -> bytes:
    with opener.open(request, timeout=SILENCE) as answer:
        found: bytes = answer.read(LARGEST)
        return found


def _read(answer: bytes) -> Token:
    """Read the token from an answer. Raises ValueError if there is none."""
    found = json.loads(answer)
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise ValueError
    return Token(token, _seconds(found.get("expires_in")))


def _seconds(given: object) -> float:
    """Read a lifetime, which some endpoints send as text; 0 if it is no number."""
    text = str(given)
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _refusal(error: HTTPError) -> str:
    reason = ""
    try:
        found = json.loads(error.read(LARGEST))
        reason = found.get("error", "") if isinstance(found, dict) else ""
    except (OSError, ValueError):
        pass
    quoted_reason = f" ({reason})" if isinstance(reason, str) and REASON.fullmatch(reason) else ""
    if error.code == HTTPStatus.UNAUTHORIZED or reason == "invalid_client":
        advice = "check KAFKA_SASL_OAUTHBEARER_CLIENT_ID and KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"
    elif reason == "invalid_scope":
        advice = "check KAFKA_SASL_OAUTHBEARER_SCOPE"
    else:
        advice = "check KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
    return f"answers with {error.code}{quoted_reason}: {advice}"


def _name(request: Request) -> str:
    return f"the token endpoint {urlsplit(request.full_url).netloc}"

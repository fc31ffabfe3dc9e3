"""Tokens to log in to Kafka with: asked for with the client's own credentials (RFC 6749, 4.4), and kept while good."""

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
EARLY = 30.0  # seconds before the end, or a fifth of a short life, a token is no longer used

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
REASON = re.compile(r"[a-z_]{1,40}")


class TokenError(KafkaError):
    """No token was to be had; says why, and never what was sent or answered."""


class Token(NamedTuple):
    """``seconds`` is how long it lives; 0 where the endpoint did not say."""

    text: str
    seconds: float


class Tokens(AbstractTokenProvider):
    """What a client asks for a token, each time that it connects."""

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings
        self._token = ""
        self._good_until = 0.0

    async def token(self) -> str:
        """A token that is good for some time. Raises TokenError."""
        if time.monotonic() >= self._good_until:
            # Clients that connect at once may each ask: harmless, and no lock outlives its loop.
            asked_at = time.monotonic()
            self._token, seconds = await self._ask()
            self._good_until = asked_at + seconds - min(EARLY, seconds / 5)
        return self._token

    async def _ask(self) -> Token:
        request = _request(self._settings)
        try:
            async with asyncio.timeout(DEADLINE):
                opener = _opener(self._settings.sasl_oauthbearer_cafile)  # the file may have changed
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
    """The same for all clients of these settings: they share the token."""
    return Tokens(settings)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the secret would go along."""


def _opener(cafile: str | None) -> OpenerDirector:
    return build_opener(_NoRedirect, HTTPSHandler(context=ssl.create_default_context(cafile=cafile)))


def _request(settings: Kafka) -> Request:
    url, secret = settings.sasl_oauthbearer_token_endpoint_url, settings.client_secret_now()
    assert url is not None  # noqa: S101 -- the settings see to it
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
    """Raises ValueError where this is no answer with a token."""
    found = json.loads(answer)
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise ValueError
    return Token(token, _seconds(found.get("expires_in")))


def _seconds(given: object) -> float:
    """Some endpoints give it as text."""
    text = str(given)
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _refusal(error: HTTPError) -> str:
    reason = ""
    try:
        found = json.loads(error.read(LARGEST))
        reason = found.get("error", "") if isinstance(found, dict) else ""
    except (OSError, ValueError):
        pass
    told = f" ({reason})" if isinstance(reason, str) and REASON.fullmatch(reason) else ""
    if error.code == HTTPStatus.UNAUTHORIZED or reason == "invalid_client":
        advice = "check KAFKA_SASL_OAUTHBEARER_CLIENT_ID and KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"
    elif reason == "invalid_scope":
        advice = "check KAFKA_SASL_OAUTHBEARER_SCOPE"
    else:
        advice = "check KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
    return f"answers with {error.code}{told}: {advice}"


def _name(request: Request) -> str:
    return f"the token endpoint {urlsplit(request.full_url).netloc}"

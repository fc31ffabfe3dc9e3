"""A token endpoint (RFC 6749) that knows one client, and signs what the guarded broker believes."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from jwt.algorithms import ECAlgorithm

from tests.security.broker import AUDIENCE, ISSUER, NAME, USER

CLIENT, SECRET = "leads worker", "c+l/i e:nt"  # what has to be escaped on the way
SCOPE = "kafka.use"
KEY_ID = "k1"


class Endpoint(ThreadingHTTPServer):
    """``seconds`` is how long its tokens live, ``asked`` what it was asked for; ``answer`` replaces its own answers."""

    daemon_threads = True

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = key
        self.url = f"https://{NAME}:{self.server_port}/token"
        self.reset()

    def reset(self) -> None:
        self.seconds = 3600
        self.asked: list[dict[str, Any]] = []
        self.given: list[str] = []
        self.answer: tuple[int, dict[str, str], bytes] | None = None

    def token(self) -> str:
        now = int(time.time())
        claims = {"sub": USER, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + self.seconds}
        token = jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": KEY_ID})
        self.given.append(token)
        return token


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append({"authorization": self.headers.get("Authorization"), **form})
        status, headers, body = self.server.answer or self._own(form)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _own(self, form: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        # As the standard wants it: each escaped as a form is, then joined.
        login = base64.b64encode(b"leads+worker:c%2Bl%2Fi+e%3Ant").decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            return 401, {}, b'{"error": "invalid_client", "error_description": "the secret is not hunter2"}'
        if form.get("scope") != [SCOPE] or form["grant_type"] != ["client_credentials"]:
            return 400, {}, b'{"error": "invalid_scope"}'
        found = {"access_token": self.server.token(), "token_type": "Bearer", "expires_in": self.server.seconds}
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def new_key(file: Path) -> EllipticCurvePrivateKey:
    """A key to sign with; ``file`` then holds what its signatures are checked with, as a JWKS."""
    key = generate_private_key(SECP256R1())
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    file.write_text(json.dumps({"keys": [{**public, "kid": KEY_ID, "alg": "ES256", "use": "sig"}]}))
    return key


@contextmanager
def token_endpoint(authority: trustme.CA, key: EllipticCurvePrivateKey) -> Iterator[Endpoint]:
    """The endpoint for the length of the block, by https with a certificate of this authority."""
    endpoint = Endpoint(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    endpoint.socket = context.wrap_socket(endpoint.socket, server_side=True)
    serving = threading.Thread(target=endpoint.serve_forever, daemon=True)
    serving.start()
    try:
        yield endpoint
    finally:
        endpoint.shutdown()
        endpoint.server_close()
        serving.join()

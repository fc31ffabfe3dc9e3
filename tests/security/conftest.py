"""A guarded broker and a token endpoint for this folder, and stages where workers have to log in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from tests.security.broker import PASSWORD, USER, Guarded, guarded_broker
from tests.security.endpoint import CLIENT, SCOPE, SECRET, Endpoint, new_key, token_endpoint
from tests.stage.environment import environment
from tests.stage.stage import Stage, opened
from worker.embedded import scratch_folder


@pytest.fixture(scope="package")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="package")
def key(folder: Path) -> EllipticCurvePrivateKey:
    return new_key(folder / "keys.json")


@pytest.fixture(scope="package")
def broker(folder: Path, authority: trustme.CA, key: EllipticCurvePrivateKey) -> Iterator[Guarded]:
    kafka = folder / "kafka"
    kafka.mkdir()
    with guarded_broker(kafka, authority, folder / "keys.json") as broker:
        yield broker


@pytest.fixture(scope="package")
def running_endpoint(authority: trustme.CA, key: EllipticCurvePrivateKey) -> Iterator[Endpoint]:
    with token_endpoint(authority, key) as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(running_endpoint: Endpoint) -> Endpoint:
    running_endpoint.reset()
    return running_endpoint


@pytest.fixture
def by_password(broker: Guarded) -> dict[str, str]:
    """What a worker is told to log in by password."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": broker.guarded,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD": PASSWORD,
        "KAFKA_SSL_CAFILE": str(broker.authority),
    }


@pytest.fixture
def by_token(broker: Guarded, endpoint: Endpoint, tmp_path: Path) -> dict[str, str]:
    """What a worker is told to log in by token."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    return {
        "KAFKA_BOOTSTRAP_SERVERS": broker.guarded,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
        "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": endpoint.url,
        "KAFKA_SASL_OAUTHBEARER_CLIENT_ID": CLIENT,
        "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE": str(secret),
        "KAFKA_SASL_OAUTHBEARER_SCOPE": SCOPE,
        "KAFKA_SASL_OAUTHBEARER_CAFILE": str(broker.authority),
        "KAFKA_SSL_CAFILE": str(broker.authority),
    }


@pytest.fixture
async def guarded(database_url: str, broker: Guarded, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on the guarded broker. It is a super user; its workers are nobody until told how to log in."""
    async with opened(environment(database_url, broker.open), tmp_path) as stage:
        yield stage

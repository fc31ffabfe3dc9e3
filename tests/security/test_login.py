"""A fault on the way in is told within seconds, in one line that names the setting to look at."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from psutil import Process

from tests.security.broker import Guarded
from tests.security.endpoint import Endpoint
from tests.stage.environment import replaced_environment
from tests.stage.stage import Stage
from worker import kafka
from worker.kafka.admin import administration
from worker.kafka.diagnosis import describe_error
from worker.settings import Kafka, load_settings

SOON = 10.0
HIDDEN = "hunter2-hunter2"

BY_PASSWORD = {
    "the wrong password": (
        {"KAFKA_SASL_PASSWORD": HIDDEN},
        "refuses user salesplan by SCRAM-SHA-512: check KAFKA_SASL_",
    ),
    "a user that is not known": ({"KAFKA_SASL_USERNAME": "nobody"}, "refuses user nobody by SCRAM-SHA-512"),
    "another authority": ({"KAFKA_SSL_CAFILE": "{other}"}, "of an unknown authority"),
    "the system's authorities": ({"KAFKA_SSL_CAFILE": ""}, "KAFKA_SSL_CAFILE must contain its"),
    "another name": ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:{port}"}, "shows a certificate for another name"),
    "sent on to another name": ({"KAFKA_BOOTSTRAP_SERVERS": "{astray}"}, "clients are sent on (advertised.listeners)"),
    "no TLS": ({"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SSL_CAFILE": ""}, "check KAFKA_SECURITY_PROTOCOL"),
    "TLS where there is none": ({"KAFKA_BOOTSTRAP_SERVERS": "{open}"}, "check KAFKA_SECURITY_PROTOCOL"),
    "nobody there": ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "127.0.0.1:1 refuses the connection"),
}


async def tried(environment: dict[str, str]) -> str:
    """The message that a client with these settings gets; nothing if it gets in."""
    with replaced_environment(environment):
        settings = load_settings().kafka
    try:
        async with administration(settings) as admin:
            await admin.brokers()
    except kafka.TROUBLE as error:
        return await describe_error(settings, error)
    finally:
        await until_closed(settings)
    return ""


async def until_closed(settings: Kafka) -> None:
    """Until the connections are down that the client gave up: it does not wait for TLS to say goodbye."""
    ports = {int(server.rpartition(":")[2]) for server in settings.bootstrap_servers.split(",")}
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while True:
                if not any(found.raddr and found.raddr.port in ports for found in Process().net_connections("tcp")):
                    return
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("case", BY_PASSWORD)
async def test_each_fault_is_one_line(broker: Guarded, by_password: dict[str, str], tmp_path: Path, case: str) -> None:
    """Which says what the brokers did and which setting it hangs on; a secret is in none."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    given, expected = BY_PASSWORD[case]
    names = {"other": other, "port": broker.guarded.rpartition(":")[2], "astray": broker.astray, "open": broker.open}
    began = time.monotonic()
    line = await tried(by_password | {name: value.format(**names) for name, value in given.items()})
    assert expected in line
    assert "\n" not in line
    assert HIDDEN not in line
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_every_mechanism_with_a_password_gets_in(by_password: dict[str, str], mechanism: str) -> None:
    """All three that the settings take."""
    assert await tried(by_password | {"KAFKA_SASL_MECHANISM": mechanism}) == ""


async def test_one_address_that_is_down_is_no_obstacle(broker: Guarded, by_password: dict[str, str]) -> None:
    """Nor is it what is told, where the fault is another."""
    servers = f"127.0.0.1:1,{broker.astray}"
    assert "advertised.listeners" in await tried(by_password | {"KAFKA_BOOTSTRAP_SERVERS": servers})


async def test_a_command_says_it_in_one_line_and_ends_with_75(guarded: Stage, by_password: dict[str, str]) -> None:
    """No stack trace, and no word of a library beside it."""
    began = time.monotonic()
    for words in (("verify",), ("offsets", "show"), ("dlq", "list")):
        result = await guarded.command(*words, **{**by_password, "KAFKA_SASL_PASSWORD": HIDDEN})
        assert (result.code, result.out) == (75, "")
        (line,) = result.err.splitlines()
        assert line.startswith("Kafka: localhost:")
        assert "refuses user salesplan" in line
        assert HIDDEN not in line
    assert time.monotonic() - began < 3 * SOON


async def test_a_worker_says_it_and_waits(guarded: Stage, by_password: dict[str, str]) -> None:
    """The password may be mended on the brokers' side."""
    worker = guarded.start(**{**by_password, "KAFKA_SASL_PASSWORD": HIDDEN})
    await guarded.until_logged(worker, "kafka_unreachable")
    assert "check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD" in worker.logged("kafka_unreachable")[0]["why"]
    assert (await worker.probe("/livez"), await worker.probe("/readyz")) == (200, 503)
    log = worker.log.read_bytes()
    assert b"Traceback" not in log
    assert HIDDEN.encode() not in log
    await worker.stop()


BY_TOKEN = {
    "the wrong secret": (
        {"KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "x"},
        "401 (invalid_client): check KAFKA_SASL_OAUTHBEARER_CL",
    ),
    "the wrong scope": (
        {"KAFKA_SASL_OAUTHBEARER_SCOPE": "x"},
        "400 (invalid_scope): check KAFKA_SASL_OAUTHBEARER_SCOPE",
    ),
    "another authority": ({"KAFKA_SASL_OAUTHBEARER_CAFILE": ""}, "can't be reached: [SSL: CERTIFICATE_VERIFY_FAILED]"),
    "nobody there": ({"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://localhost:1/"}, "can't be reached"),
}


@pytest.mark.parametrize("case", BY_TOKEN)
async def test_each_fault_of_the_token_endpoint_is_one_line(by_token: dict[str, str], case: str) -> None:
    """The line is like those about brokers. The text that the endpoint adds to its code is left out."""
    given, expected = BY_TOKEN[case]
    line = await tried(by_token | given)
    assert line.startswith("the token endpoint localhost:")
    assert expected in line
    assert "hunter2" not in line


ANSWERS = {
    "no JSON": ((200, {}, b"<html>"), "gives no token that can be used"),
    "no object": ((200, {}, b"[]"), "gives no token that can be used"),
    "no text": ((200, {}, b'{"access_token": 7}'), "gives no token that can be used"),
    "more than a token": ((200, {}, b'{"access_token": "a\\u0001auth=Bearer b"}'), "gives no token that can be used"),
    "elsewhere": ((302, {"Location": "https://localhost:1/"}, b""), "answers with 302"),
    "broken": ((500, {}, b'{"error": "hunter2 and more"}'), "answers with 500: check"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_without_a_token_is_told(by_token: dict[str, str], endpoint: Endpoint, case: str) -> None:
    """And a redirection is not followed: the secret would go along."""
    endpoint.answer, expected = ANSWERS[case]
    line = await tried(by_token)
    assert line.startswith("the token endpoint localhost:")
    assert expected in line
    assert "hunter2" not in line


async def test_a_token_that_brokers_do_not_take_is_told(by_token: dict[str, str], endpoint: Endpoint) -> None:
    """The endpoint gave one, so the fault is between it and them."""
    endpoint.answer = (200, {}, b'{"access_token": "a.b.c", "expires_in": 60}')
    assert "refuses our token" in await tried(by_token)


async def test_a_worker_whose_token_is_refused_says_it_and_waits(
    guarded: Stage, by_token: dict[str, str], endpoint: Endpoint
) -> None:
    """The client takes a refused token for a good one, and learns only of an empty cluster."""
    endpoint.answer = (200, {}, b'{"access_token": "a.b.c", "expires_in": 60}')
    worker = guarded.start(**by_token)
    await guarded.until_logged(worker, "kafka_unreachable")
    assert "refuses our token" in worker.logged("kafka_unreachable")[0]["why"]
    await worker.stop()
    assert b"Traceback" not in worker.log.read_bytes()

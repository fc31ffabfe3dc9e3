"""Logging in by token: a worker does, and its token is asked for as seldom as it may be."""

from __future__ import annotations

import base64
from itertools import islice
from pathlib import Path

import pytest

from tests.security.endpoint import Endpoint
from tests.security.grants import grant, listed, servers
from tests.stage.environment import dice, replaced_environment
from tests.stage.stage import Stage
from tests.stage.upstream import events
from worker.cluster.rights import Job
from worker.kafka.tokens import Tokens
from worker.settings import load_settings

SHORT = 6  # seconds, after which the brokers close the connection


@pytest.fixture
def tokens(by_token: dict[str, str]) -> Tokens:
    with replaced_environment(by_token):
        return Tokens(load_settings().kafka)


async def test_a_token_is_kept_while_it_is_good(tokens: Tokens, endpoint: Endpoint) -> None:
    """Each client asks whenever it connects."""
    assert await tokens.token() == await tokens.token()
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize("seconds", [0, None, "soon"])
async def test_a_token_of_unknown_life_is_used_once(tokens: Tokens, endpoint: Endpoint, seconds: object) -> None:
    """It may be over at any time."""
    word = {0: b"0", None: b"null", "soon": b'"soon"'}[seconds]  # type: ignore[index]  # these three
    endpoint.answer = (200, {}, b'{"access_token": "a", "expires_in": ' + word + b"}")
    assert await tokens.token() == await tokens.token() == "a"
    assert len(endpoint.asked) == 2


async def test_a_token_is_given_up_before_it_ends(
    tokens: Tokens, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a minute before, so that none ends on its way."""
    now = 1000.0
    monkeypatch.setattr("worker.kafka.tokens.time.monotonic", lambda: now)
    await tokens.token()
    now += endpoint.seconds - 31
    await tokens.token()
    assert len(endpoint.asked) == 1
    now += 2
    await tokens.token()
    assert len(endpoint.asked) == 2


async def test_the_secret_is_what_its_file_holds_now(
    tokens: Tokens, by_token: dict[str, str], endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be replaced while the worker runs."""
    name = "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE"
    monkeypatch.setenv(name, by_token[name])
    secret = tmp_path / "secret"  # as `by_token` has it
    endpoint.answer = (200, {}, b'{"access_token": "a"}')
    await tokens.token()
    secret.write_text("another")
    await tokens.token()
    logins = [base64.b64decode(asked["authorization"].removeprefix("Basic ")).decode() for asked in endpoint.asked]
    assert [login.partition(":")[2] for login in logins] == ["c%2Bl%2Fi+e%3Ant", "another"]


async def test_a_worker_logs_in_by_token_again_and_again(
    guarded: Stage, by_token: dict[str, str], endpoint: Endpoint
) -> None:
    """Brokers close what outlives its token; the worker comes back with another, and no token is in its log."""
    endpoint.seconds = SHORT
    await grant(servers(guarded), listed(guarded, Job.WORKER))
    worker = guarded.start(**by_token)
    story = events(dice(4), 300)
    await guarded.send(islice(story, 300))
    await guarded.until_handled()
    asked = len(endpoint.asked)

    async def later() -> bool:
        await guarded.send(islice(story, 20))
        return len(endpoint.asked) >= asked + 2

    await guarded.until("it has asked for two more tokens", later)
    await guarded.finish()
    log = worker.log.read_text()
    assert not any(token in log for token in endpoint.given)
    assert "Traceback" not in log

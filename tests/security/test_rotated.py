"""Secrets and authorities that are replaced while a worker runs; later the brokers take nothing but the new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

import pytest
import trustme

from tests.security.broker import PASSWORD, USER, Guarded, guarded_broker
from tests.security.grants import grant, listed
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from worker.cluster.rights import Job
from worker.embedded import scratch_folder

ANOTHER = "another-good-password"


@pytest.fixture
def own_broker(authority: trustme.CA) -> Iterator[Guarded]:
    """Not shared: these tests change whom it lets in."""
    with scratch_folder() as folder:
        (folder / "keys.json").write_text('{"keys": []}')
        with guarded_broker(folder, authority, folder / "keys.json") as broker:
            yield broker


@pytest.fixture
async def stage(database_url: str, own_broker: Guarded, tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(environment(database_url, own_broker.open), tmp_path) as stage:
        await grant(own_broker.open, listed(stage, Job.WORKER))
        yield stage


@pytest.mark.parametrize("replaced", ["password", "authority"])
async def test_what_files_hold_later_is_used(stage: Stage, own_broker: Guarded, tmp_path: Path, replaced: str) -> None:
    """The worker goes on by itself, with the consumer that it has."""
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    (worker,) = await stage.start_ready(
        1,
        KAFKA_BOOTSTRAP_SERVERS=own_broker.guarded,
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_SASL_MECHANISM="PLAIN",
        KAFKA_SASL_USERNAME=USER,
        KAFKA_SASL_PASSWORD_FILE=str(secret),
        KAFKA_SSL_CAFILE=str(own_broker.authority),
    )
    story = events(dice(93), 100)
    await stage.send(islice(story, 100))
    await stage.until_handled()
    if replaced == "password":
        own_broker.change_password(ANOTHER)
        secret.write_text(f"{ANOTHER}\n")
    else:
        authority = trustme.CA()
        own_broker.change_authority(authority)
        authority.cert_pem.write_to_path(str(own_broker.authority))
    await asyncio.to_thread(own_broker.kafka.restart)
    await stage.send(islice(story, 100))
    await stage.until_handled()
    assert not worker.logged("consumer_renewed")
    await stage.finish()
    log = worker.log.read_text()
    assert PASSWORD not in log
    assert ANOTHER not in log

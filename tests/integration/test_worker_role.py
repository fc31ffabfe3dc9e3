"""Workers, plan edits and resets with the grants of ``salesplan_worker`` alone, and a reader who checks them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from tests.db.logins import Login, login
from tests.integration.test_one_worker import total
from tests.servers import KafkaServer
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from worker import postgres


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Login]:
    async with login(database_url, "salesplan_worker") as who:
        yield who


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[Login]:
    async with login(database_url, "salesplan_reader") as who:
        yield who


@pytest.fixture
async def stage(worker: Login, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """On which everything is done as a worker, its plans included."""
    async with opened(environment(worker.dsn, kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_all_that_a_worker_does_its_grants_allow(stage: Stage, reader: Login) -> None:
    """Events of all kinds, leads that wait and are assigned later, a session that falls silent, a reset."""
    sleeper = stage.start(SALESPLAN_FAILPOINT="in_copy:3:freeze", SALESPLAN_INTAKE__MAX_BATCH="50")
    await stage.until_ready(sleeper)
    await stage.send(islice(events(dice(91), 1000), 2000))
    await stage.until_gone(sleeper)
    other = stage.start()
    await stage.until_logged(other, "silent_copy_ended")
    sleeper.kill()
    await stage.until_handled()
    waited = await stage.number("select count(*) from salesplan.waiting_lead")
    await stage.set_paused("night", "rosa", paused=False)

    async def assigned() -> bool:
        return not await stage.number("select count(*) from salesplan.waiting_lead")

    await stage.until("who waited is assigned", assigned)
    found = await stage.finish()
    assert waited > 10
    assert all(total(found, outcome) > 10 for outcome in ("assigned", "waiting", "no_match", "contact_recorded"))

    lead = found.assignments[0]["lead_id"]
    for words in (("verify",), ("explain", lead, "--account", found.assignments[0]["account_id"]), ("plans", "list")):
        assert (await stage.command(*words, DATABASE_URL=reader.dsn)).code == 0
    reset = ("offsets", "reset", "--to", "earliest", "--execute")
    refused = await stage.command(*reset, DATABASE_URL=reader.dsn)
    assert (refused.code, "permission denied for table position" in refused.err) == (78, True), refused
    done = await stage.command(*reset)
    assert done.code == 0, done
    assert await stage.number("select count(*) from salesplan.position_past") > 0


async def test_a_worker_that_lacks_a_right_ends_and_says_which(stage: Stage, database_url: str) -> None:
    """Exit 78, and a line that is not a traceback: no waiting mends it."""
    async with postgres.connected(database_url, application_name="test") as owner:
        await owner.execute("revoke insert on salesplan.outbox from salesplan_worker")
    worker = stage.start()
    await stage.send(islice(events(dice(92), 100), 100))
    assert await worker.ends() == 78
    log = worker.tail()
    assert "\nPostgres: permission denied for table outbox; which role has which rights: db/README.md" in log
    assert "Traceback" not in log
    assert await stage.handled() == 0

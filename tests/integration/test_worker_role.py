"""Workers, plan edits and resets with the grants of ``salesplan_worker`` alone, and a reader who checks them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from tests.stage.environment import dice
from tests.stage.observed import total
from tests.stage.stage import Stage
from tests.stage.upstream import GLOBEX, events
from tests.support.logins import Login, login


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Login]:
    async with login(database_url, "salesplan_worker") as who:
        yield who


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[Login]:
    async with login(database_url, "salesplan_reader") as who:
        yield who


async def test_all_that_a_worker_does_its_grants_allow(
    stage: Stage, worker: Login, reader: Login, tmp_path: Path
) -> None:
    """Events of all kinds, leads that wait and are assigned later, a session that falls silent, plan edits, a reset."""
    as_worker = {"DATABASE_URL": worker.dsn}
    sleeper = stage.start(SALESPLAN_FAILPOINT="in_copy:3:freeze", SALESPLAN_INTAKE__MAX_BATCH="50", **as_worker)
    await stage.until_ready(sleeper)
    await stage.send(islice(events(dice(91), 1000), 2000))
    await stage.until_gone(sleeper)
    other = stage.start(**as_worker)
    await stage.until_logged(other, "silent_session_ended")
    sleeper.kill()
    await stage.until_handled()
    waited = await stage.number("select count(*) from salesplan.waiting_lead")
    resume = ("plans", "resume", "night", "rosa", "--account", "acme", "--execute")
    assert (await stage.command(*resume, **as_worker)).code == 0

    async def assigned() -> bool:
        return not await stage.number("select count(*) from salesplan.waiting_lead")

    await stage.until("who waited is assigned", assigned)
    found = await stage.finish()
    assert waited > 10
    assert all(total(found, outcome) > 10 for outcome in ("assigned", "waiting", "no_match", "contact_recorded"))

    plans = tmp_path / "plans.yaml"
    plans.write_text(GLOBEX.replace("id: spring", "id: autumn").replace("[landing-1]", "[landing-2]"))
    assert (await stage.command("plans", "apply", str(plans), "--execute", **as_worker)).code == 0
    assert (await stage.command("plans", "archive", "upsell", "--account", "acme", "--execute", **as_worker)).code == 0
    lead = found.assignments[0]["lead_id"]
    for words in (("verify",), ("explain", lead, "--account", found.assignments[0]["account_id"]), ("plans", "list")):
        assert (await stage.command(*words, DATABASE_URL=reader.dsn)).code == 0
    reset = ("offsets", "reset", "--to", "earliest", "--execute")
    refused = await stage.command(*reset, DATABASE_URL=reader.dsn)
    assert (refused.code, "permission denied for table position" in refused.err) == (78, True), refused
    done = await stage.command(*reset, **as_worker)
    assert done.code == 0, done
    assert await stage.number("select count(*) from salesplan.position_past") > 0


async def test_a_worker_that_lacks_a_right_ends_and_says_which(stage: Stage, worker: Login) -> None:
    """Exit 78, and a line that is not a traceback: no waiting mends it."""
    async with stage.database() as owner:
        await owner.execute("revoke insert on salesplan.outbox from salesplan_worker")
    started = stage.start(DATABASE_URL=worker.dsn)
    await stage.send(islice(events(dice(92), 100), 100))
    assert await started.ends() == 78
    log = started.tail()
    assert "\nPostgres: permission denied for table outbox; db/README.md lists the rights of each role" in log
    assert "Traceback" not in log
    assert await stage.handled() == 0

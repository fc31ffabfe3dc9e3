"""A login with fewer connections than a worker needs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import event
from tests.support.logins import Login, login
from worker.postgres import CONNECTIONS

TOLD = (
    "the server has no connection left (53300): raise max_connections, or the limit of our login or database; "
    "a worker needs 7"
)


@pytest.fixture
async def limited(database_url: str) -> AsyncIterator[Login]:
    async with login(database_url, "salesplan_worker") as who:
        yield who


async def test_p28_too_few_connections_are_asked_for_rarely_and_told_with_how_many_it_needs(
    stage: Stage, limited: Login
) -> None:
    """It was 2.5 times a second. With a higher limit all goes on by itself, with no more connections than was said."""
    await stage.ask(f"alter role {limited.name} connection limit 1")
    worker = stage.start(DATABASE_URL=limited.dsn)
    random = dice(293)
    await stage.send([event(random, "subscription", f"lead-{number}") for number in range(200)])

    async def told_again() -> bool:
        return len(worker.logged("session_over")) == 2  # ten seconds later

    await stage.until("the worker tells of it a second time", told_again)
    (said, again) = worker.logged("postgres_refuses")
    assert said["why"] == again["why"] == TOLD
    assert again["repeated"] <= 8
    assert await worker.probe("/readyz") == 503
    await stage.ask(f"alter role {limited.name} connection limit -1")
    await stage.until_handled()
    opened = await stage.number("select count(*) from pg_stat_activity where usename = $1", limited.name)
    assert 3 <= opened <= CONNECTIONS
    await stage.finish()

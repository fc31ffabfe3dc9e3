"""Leads are erased and tables pruned beside a worker that is kept busy with the same leads."""

from __future__ import annotations

from contextlib import suppress

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import events
from worker import postgres
from worker.leads import retention
from worker.leads.erase import EraseRefusedError, erase
from worker.leads.retention import CONTACT, UNMATCHED
from worker.verify import verify

LEADS = 150  # few enough for who is erased to come back soon; more than are erased
TURNS = 60
NOW = "select clock_timestamp()"


async def test_every_guarantee_holds_while_leads_are_erased_and_tables_pruned(stage: Stage) -> None:
    """The checker finds nothing, neither beside the worker nor in the end."""
    random = dice(96)
    await stage.start_ready(1)
    erased = pruned = 0
    async with (
        stage.load(events(random, LEADS), per_second=300),
        postgres.connected(
            stage.settings.dsn, application_name="eraser", settings=postgres.BATCH_SETTINGS
        ) as connection,
    ):
        for turn in range(TURNS):
            with suppress(EraseRefusedError):  # its announcement is on its way
                erased += (await erase(connection, "acme", f"lead-{random.randrange(LEADS)}", "test")).has_data
            await stage.until_handled(5)
            if turn % 20 == 19:
                for table in (UNMATCHED, CONTACT):
                    now = await connection.fetchval(NOW)
                    pruned += sum([gone async for gone in retention.prune(connection, table, now)])
                report = await verify(stage.settings)
                assert report.violations == ()
    await stage.settle()
    report = await verify(stage.settings)
    assert report.violations == ()
    assert min(erased, pruned) > 10, (erased, pruned)

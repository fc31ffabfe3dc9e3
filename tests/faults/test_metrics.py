"""A running worker's metrics: the documented list, with the values of the ledger, whatever server is away."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.scraped import Scraped
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.stage.violations import OUTCOMES
from tests.stage.workers import WorkerProcess
from tests.support.servers import KafkaServer
from worker.embedded import Postgres
from worker.metrics import METRICS, PROCESS

REVISION = "0123abc"
LAG = "salesplan_consumer_lag_records"
OLDEST = "salesplan_oldest_unprocessed_event_age_seconds"
PENDING = "salesplan_outbox_pending"
SPREAD = "salesplan_plan_spread_leads"
EVEN_PLANS = ("spring", "upsell")


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on a server that can be stopped."""
    names = environment(postgres.dsn(), kafka_server.bootstrap_servers, SALESPLAN_OPS__REVISION=REVISION)
    async with opened(names, tmp_path) as stage:
        yield stage


async def test_metrics_are_the_documented_list_and_say_what_the_ledger_says(stage: Stage) -> None:
    """From before the first record to the last one; while a batch waits for a lock, its records are behind."""
    (worker,) = await stage.start_ready(1)
    assert told(await worker.metrics()) == documented()
    await stage.send(islice(events(dice(71), 500), 3000))
    await stage.until_handled()
    await stage.until_published()
    await until_caught_up(stage, worker)
    found = await worker.metrics()
    assert told(found) == documented()
    await counts_are_those_of_the_ledger(stage, found)
    gauges_are_those_of_a_worker_at_rest(found)

    async with stage.database() as somebody, somebody.transaction():
        await somebody.execute("select from salesplan.plan_counter for update")
        await stage.send(islice(events(dice(72), 500, ("order",)), 100))
        await stage.until_blocked()

        async def behind() -> bool:
            found = await worker.metrics()
            return found.total(LAG) == 100 and found.value(OLDEST) > 0

        await stage.until("a hundred records are behind", behind)
    await stage.until_handled()
    await until_caught_up(stage, worker)
    await stage.finish()


async def test_without_postgres_the_metrics_say_so(stage: Stage, postgres: Postgres) -> None:
    """The worker makes up no value. Records that come meanwhile are lag, and afterwards all is as before."""
    (worker,) = await stage.start_ready(1)
    await stage.send(islice(events(dice(73), 500), 500))
    await stage.until_handled()
    await until_caught_up(stage, worker)
    assert (await worker.metrics()).value("salesplan_sessions_total") == 1
    await asyncio.to_thread(postgres.stop)
    await stage.send(islice(events(dice(74), 500), 500))

    async def told_of() -> bool:
        found = await worker.metrics()
        ready = found.samples("salesplan_ready", "check")
        return ready["database",] == 0 and math.isnan(found.value(PENDING)) and found.total(LAG) > 0

    await stage.until("the metrics tell of it", told_of)
    found = await worker.metrics()
    assert told(found) == documented()
    assert found.samples(SPREAD, "plan_id") == {}
    assert found.samples("salesplan_ready", "check")["group",] == 1
    assert await worker.probe("/livez") == 200

    await asyncio.to_thread(postgres.restart)
    await stage.until_handled()
    await until_caught_up(stage, worker)
    assert (await worker.metrics()).value("salesplan_sessions_total") > 1
    await stage.finish()


def documented() -> dict[str, tuple[str, str]]:
    """Type and meaning of each metric of the list, and of no other."""
    kinds = {metric.name: (metric.kind.__name__.lower(), metric.meaning) for metric in (*METRICS, *PROCESS)}
    return {name.removesuffix("_total"): kind for name, kind in kinds.items()}


def told(found: Scraped) -> dict[str, tuple[str, str]]:
    """Type and meaning of each metric that is told; its labels are looked at here."""
    labels = {metric.name.removesuffix("_total"): set(metric.labels) for metric in (*METRICS, *PROCESS)}
    for family in found.families:
        assert all(sample.labels.keys() - {"le"} == labels[family.name] for sample in family.samples), family
    return {family.name: (family.type, family.documentation) for family in found.families}


async def until_caught_up(stage: Stage, worker: WorkerProcess) -> None:
    """Until nothing is behind and nothing in the outbox, for every partition and every even plan."""

    async def caught_up() -> bool:
        found = await worker.metrics()
        known = len(found.samples(LAG, "topic", "partition")) == len(await stage.ends())
        at_rest = known and found.total(LAG) == found.value(OLDEST) == found.value(PENDING) == 0
        return at_rest and len(found.samples(SPREAD, "plan_id")) == len(EVEN_PLANS)

    await stage.until("nothing is behind", caught_up)


async def counts_are_those_of_the_ledger(stage: Stage, found: Scraped) -> None:
    observed = await stage.observe()
    outcomes = {(topic, outcome): 0 for topic in stage.topics.values() for outcome in OUTCOMES}
    for row in observed.positions:
        for outcome in OUTCOMES:
            outcomes[row["topic"], outcome] += row[outcome]
    assert found.samples("salesplan_events_consumed_total", "topic", "outcome") == outcomes
    letters = Counter(record.topic for record in observed.sent if record.event.poison)
    assert letters.total() > 0
    by_reason = found.samples("salesplan_dead_letters_total", "topic", "reason")
    for topic in stage.topics.values():
        assert sum(count for (source, _), count in by_reason.items() if source == topic) == letters[topic]

    plans = Counter((row["plan_id"], "linked" if row["links"] else "even") for row in observed.assignments)
    given = found.samples("salesplan_assignments_total", "plan_id", "mode")
    assert {key: count for key, count in given.items() if count} == plans
    published = found.samples("salesplan_events_published_total", "topic", "outcome")
    output = stage.settings.topics.lead_assigned
    assert {key: count for key, count in published.items() if count} == {
        (output, "published"): len(observed.assignments),
        **{(f"dlq.{topic}", "published"): count for topic, count in letters.items()},
    }
    assert found.value("salesplan_batch_size_records_sum") == len(stage.sent)


def gauges_are_those_of_a_worker_at_rest(found: Scraped) -> None:
    spreads = found.samples(SPREAD, "plan_id")
    assert spreads.keys() == {(plan,) for plan in EVEN_PLANS}
    assert set(spreads.values()) <= {0, 1}
    assert set(found.samples("salesplan_ready", "check").values()) == {1}
    assert found.samples("salesplan_build_info", "revision") == {(REVISION,): 1}
    assert found.value("salesplan_plans_loaded") == 5
    assert 0 <= time.time() - found.value("salesplan_plan_cache_last_success_timestamp_seconds") < 60
    assert found.value("salesplan_outbox_oldest_age_seconds") == 0
    assert found.value("salesplan_sessions_total") == 1
    assert found.total("salesplan_fenced_total") == found.total("salesplan_batches_tried_again_total") == 0
    batches = found.value("salesplan_batch_size_records_count")
    for metric in ("batch_processing", "lock_wait"):
        # A wake-up is a transaction without records.
        assert found.value(f"salesplan_{metric}_seconds_count") >= batches > 0
        assert 0 < found.value(f"salesplan_{metric}_seconds_sum") < 60
    ages = found.samples("salesplan_event_age_seconds_count", "topic")
    assert ages == found.samples("salesplan_event_processing_seconds_count", "topic")
    assert min(ages.values()) > 0
    assert found.total("salesplan_event_age_seconds_sum") > 0
    assert found.value("process_resident_memory_bytes") > 10_000_000

"""The made-up week: full days and quiet ones, kept as if workers had decided it then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer
from worker import postgres
from worker.demo import past
from worker.demo.traffic import Traffic
from worker.verify.check import verify

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)  # the history ends some hours into the next one
END = MONDAY + timedelta(days=7, hours=9)

BY_DAY = """
select assigned_at::date - date '2026-11-16' as day, count(*)::int as clients
from salesplan_api.assignments group by 1 order by 1
"""
VERSIONS = """
select p.plan_id, v.version, v.changed_at from salesplan.plan_version v join salesplan.plan p using (plan_no)
where v.version > 1 order by v.changed_at
"""
BORIS = "select assigned_at from salesplan_api.assignments where plan_id = 'english-webinar' and manager_id = 'boris'"
OWN_CONTACTS = """
select count(*) filter (where a.manager_id = c.manager_id), count(*)
from salesplan.contact c join salesplan_api.assignments a using (account_id, lead_id)
"""


def test_the_same_seed_gives_the_same_visitors() -> None:
    first, second, other = (Traffic(seed, MONDAY) for seed in (1, 1, 2))
    steps = [[traffic.pop() for _ in range(300)] for traffic in (first, second, other)]
    assert steps[0] == steps[1] != steps[2]
    assert [step.at for step in steps[0]] == sorted(step.at for step in steps[0])


async def test_the_week_keeps_every_invariant_and_looks_like_one(database_url: str, kafka_server: KafkaServer) -> None:
    settings = own_settings(kafka_server.bootstrap_servers, database_url=database_url)
    await past.prepare(settings, Traffic(7, MONDAY), MONDAY, END)
    report = await verify(settings)
    assert report.violations == ()
    assert report.lag == 0
    assert report.events == report.assigned + report.waiting + report.already_assigned + report.no_match + (
        report.contact_recorded
    )
    assert min(report.assigned, report.waiting, report.already_assigned, report.no_match, report.contact_recorded) > 0
    async with postgres.connected(database_url, application_name="test") as connection:
        by_day = [row["clients"] for row in await connection.fetch(BY_DAY)]
        assert len(by_day) == 8
        assert max(by_day[5:7]) < max(by_day[:5])  # Saturday and Sunday
        assert [tuple(row) for row in await connection.fetch(VERSIONS)] == [
            ("english-webinar", 2, datetime(2026, 11, 17, 9, 36, tzinfo=UTC)),
            ("spring-sale", 2, datetime(2026, 11, 18, 12, 0, tzinfo=UTC)),
            ("english-webinar", 3, datetime(2026, 11, 19, 8, 24, tzinfo=UTC)),
            ("english-webinar", 4, datetime(2026, 11, 20, 9, 36, tzinfo=UTC)),
            ("night-bot", 2, datetime(2026, 11, 21, 7, 12, tzinfo=UTC)),
        ]
        paused = (datetime(2026, 11, 19, 8, 24, tzinfo=UTC), datetime(2026, 11, 20, 9, 36, tzinfo=UTC))
        times = [row["assigned_at"] for row in await connection.fetch(BORIS)]
        assert times
        assert not [time for time in times if paused[0] + timedelta(seconds=1) < time < paused[1]]
        own, contacts = await connection.fetchrow(OWN_CONTACTS) or (0, 0)
        assert own > contacts / 2

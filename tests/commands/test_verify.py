"""`salesplan verify` as people use it: exit codes, the table, JSON."""

import json

import pytest

from tests.support.command import Result, salesplan_on
from tests.support.own_settings import own_settings
from tests.support.servers import KafkaServer
from tests.support.shop import opened, trade
from worker.settings import Settings

NO_SERVER = "127.0.0.1:1"


async def run(settings: Settings, *words: str, **more: str) -> Result:
    """In a process of its own, told nothing from outside."""
    topics = {f"SALESPLAN_TOPICS__{name.upper()}": str(value) for name, value in settings.topics}
    ours = {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "KAFKA_GROUP_ID": settings.kafka.group_id,
    }
    return await salesplan_on(settings.dsn or "", "verify", *words, **{**topics, **ours, **more})


async def test_verify_tells_what_is_there_and_what_is_broken(database_url: str, kafka_server: KafkaServer) -> None:
    """Exit 0 where every guarantee holds, 1 where one is broken, with the records concerned."""
    settings = own_settings(kafka_server.bootstrap_servers, database_url=database_url)
    async with opened(settings) as shop:
        await trade(shop)
        healthy = await run(settings)
        assert (healthy.code, healthy.err) == (0, "Every guarantee holds.\n")
        assert ["assignments", "in", "the", "ledger", "21"] in [line.split() for line in healthy.out.splitlines()]

        await shop.connection.execute("update salesplan.assignment set manager_id = 'zed' where lead_id = 'l8'")

    broken = await run(settings)
    assert broken.code == 1
    assert "I7: a decision is not what the rules give (1)" in broken.out
    assert "acme/june number 9, lead l8: zed (even) has it" in broken.out
    assert "guarantees are broken." in broken.err

    as_json = await run(settings, "--json")
    found = json.loads(as_json.out)
    assert as_json.code == 1
    assert (found["assignments"], found["published"], found["pending"]) == (21, 20, 1)
    assert {violation["invariant"] for violation in found["violations"]} == {"I2", "I3", "I7"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DATABASE_URL", f"postgresql://user:hunter2@{NO_SERVER}/none"), ("KAFKA_BOOTSTRAP_SERVERS", NO_SERVER)],
)
async def test_a_server_that_is_away_is_told_in_a_line(
    database_url: str, kafka_server: KafkaServer, variable: str, value: str
) -> None:
    """Exit 75, and no password."""
    settings = own_settings(kafka_server.bootstrap_servers, database_url=database_url)
    found = await run(settings, **{variable: value})
    assert found.code == 75
    assert found.err.splitlines()[-1].startswith(("Postgres", "Kafka"))
    assert "Traceback" not in found.err
    assert "hunter2" not in found.err

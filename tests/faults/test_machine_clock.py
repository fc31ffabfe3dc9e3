"""A worker whose machine has its clock hours ahead, as after a hardware clock in local time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.topics import configure
from tests.stage.upstream import Event, event
from worker.cluster import topics

AHEAD = """
import time
true = time.time
time.time = lambda: true() + 7200
"""


@pytest.fixture
def ahead(tmp_path: Path) -> dict[str, str]:
    """The environment of a worker whose clock is two hours ahead. Brokers take one by default."""
    folder = tmp_path / "ahead"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(AHEAD)
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parents[2])])}


def leads() -> list[Event]:
    random = dice(94)
    return [event(random, "subscription", f"l-{number}") for number in range(30)]


async def test_p37_a_machine_whose_clock_is_ahead_assigns_and_publishes(stage: Stage, ahead: dict[str, str]) -> None:
    """Brokers date what it writes, poison too."""
    await stage.start_ready(1, **ahead)
    await stage.send([*leads(), Event("order", b"{", b"lead", poison=True)])
    await stage.finish()


async def test_p37_where_brokers_refuse_the_time_the_clock_is_named(stage: Stage, ahead: dict[str, str]) -> None:
    """The topic is as another release made it. The line's remedy mends it beside the running worker."""
    output = stage.settings.topics.lead_assigned
    (made,) = [topic for topic in topics.needed(stage.settings, brokers=1) if topic.name == output]
    await configure(stage.settings.kafka, output, {**made.settings, "message.timestamp.type": "CreateTime"})
    (worker,) = await stage.start_ready(1, **ahead)
    await stage.send(leads())
    await stage.until_logged(worker, "kafka_refuses")
    assert worker.logged("kafka_refuses")[0]["why"] == (
        f"{output} refuses records dated by this machine: its clock is off by more than the topic's "
        "message.timestamp.*.max.ms; set the clock right, or have the brokers date records: kafka-configs.sh --alter "
        f"--entity-type topics --entity-name {output} --add-config message.timestamp.type=LogAppendTime"
    )
    await configure(stage.settings.kafka, output, {**made.settings, "message.timestamp.type": "LogAppendTime"})
    await stage.finish()

"""Settings of topics that a guarantee rests on, each set wrongly on a real broker, with what has to be said of it."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage.topics import configure
from tests.support.own_settings import own_settings
from worker.cluster import topics
from worker.cluster.topics import Fault, Weight
from worker.cluster.topics.check import of_kafkas_own
from worker.cluster.topics.required_settings import RULES, judge_brokers
from worker.embedded import Kafka, scratch_folder
from worker.kafka.admin import administration
from worker.kafka.topic import Topic, TopicListing
from worker.settings import Settings

STOPS, LIMITS, WARNS = Weight.STOPS, Weight.LIMITS, Weight.WARNS
INPUT, OUTPUT, LETTERS = "order", "lead-assigned", "dlq.order"

# What is set, of which topics, how bad it is, and what is wanted.
Case = tuple[str, str, tuple[str, ...], Weight | None, str]
CASES: list[Case] = [
    ("cleanup.policy", "compact", (INPUT, OUTPUT, LETTERS), STOPS, "delete"),
    ("cleanup.policy", "compact,delete", (INPUT, OUTPUT, LETTERS), STOPS, "delete"),
    ("retention.ms", "86399999", (INPUT, OUTPUT, LETTERS), STOPS, "604800000"),
    ("retention.ms", "86400000", (INPUT, OUTPUT, LETTERS), WARNS, "604800000"),
    ("retention.ms", "604799999", (INPUT, OUTPUT, LETTERS), WARNS, "604800000"),
    ("retention.ms", "604800000", (INPUT, OUTPUT, LETTERS), None, ""),
    ("retention.ms", "-1", (INPUT, OUTPUT, LETTERS), None, ""),
    ("retention.bytes", "125829119", (INPUT,), STOPS, "-1"),
    ("retention.bytes", "125829120", (INPUT, OUTPUT), WARNS, "-1"),
    ("retention.bytes", "125829120", (LETTERS,), STOPS, "-1"),
    ("min.insync.replicas", "2", (INPUT,), LIMITS, "1"),
    ("min.insync.replicas", "2", (OUTPUT, LETTERS), STOPS, "1"),
    ("unclean.leader.election.enable", "true", (INPUT, OUTPUT, LETTERS), None, ""),  # of one copy nothing is elected
    ("compression.type", "uncompressed", (OUTPUT, LETTERS), STOPS, "producer"),
    ("compression.type", "gzip", (OUTPUT, LETTERS), WARNS, "producer"),
    ("compression.type", "snappy", (OUTPUT, LETTERS), None, ""),
    ("compression.type", "uncompressed", (INPUT,), None, ""),
    ("segment.bytes", "12582911", (OUTPUT, LETTERS), STOPS, "1073741824"),
    ("segment.bytes", "12582911", (INPUT,), WARNS, "1073741824"),
    ("message.timestamp.type", "CreateTime", (OUTPUT, LETTERS), WARNS, "LogAppendTime"),
    ("message.timestamp.type", "LogAppendTime", (INPUT,), None, ""),
    ("message.timestamp.before.max.ms", "604799999", (INPUT,), WARNS, "604800000"),
    ("message.timestamp.before.max.ms", "1", (OUTPUT, LETTERS), None, ""),
    ("message.timestamp.after.max.ms", "3599999", (INPUT,), WARNS, "3600000"),
    ("message.timestamp.after.max.ms", "1", (OUTPUT, LETTERS), None, ""),
    ("max.message.bytes", "12582911", (INPUT, OUTPUT), WARNS, "12582912"),
    ("max.message.bytes", "12648447", (LETTERS,), LIMITS, "12648448"),
]


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    """One of this module's own: its commands are run, which need its programs."""
    with scratch_folder() as folder:
        kafka = Kafka.start(folder / "kafka")
        try:
            yield kafka
        finally:
            kafka.kill()


@pytest.fixture
async def settings(broker: Kafka) -> Settings:
    """Topics of a test's own, as they are to be."""
    settings = own_settings(broker.bootstrap_servers)
    async with administration(settings.kafka) as admin:
        await topics.create(admin, settings)
    return settings


def named(settings: Settings, topic: str) -> str:
    """The name that a topic has in this test."""
    prefix = settings.topics.order.partition("-")[0]
    return f"dlq.{prefix}-{topic.removeprefix('dlq.')}" if topic.startswith("dlq.") else f"{prefix}-{topic}"


def needed(settings: Settings, topic: str) -> dict[str, str]:
    """The settings with which a topic was made."""
    (found,) = [made for made in topics.needed(settings, brokers=1) if made.name == topic]
    return {**found.settings, "max.message.bytes": str(found.max_message_bytes)}


async def found(settings: Settings) -> list[Fault]:
    async with administration(settings.kafka) as admin:
        ours = topics.names(settings)
        return [fault for fault in await topics.check(admin, settings) if fault.topic in ours]


@pytest.mark.parametrize("case", CASES)
async def test_a_setting_is_judged(settings: Settings, case: Case) -> None:
    """Named with its value, the value wanted and why; and with the command that mends it, to the letter."""
    setting, value, of, weight, wanted = case
    names = [named(settings, topic) for topic in of]
    for name in names:
        await configure(settings.kafka, name, needed(settings, name) | {setting: value})
    faults = await found(settings)
    assert [fault.topic for fault in faults] == (names if weight else [])
    for fault in faults:
        assert fault.weight is weight
        assert fault.why.startswith(f"{setting} is {value}, should be {wanted}: ")
        assert fault.mend == (
            f"kafka-configs.sh --bootstrap-server {settings.kafka.bootstrap_servers} --alter --entity-type topics"
            f" --entity-name {fault.topic} --add-config {setting}={wanted}"
        )


async def test_records_that_brokers_date_are_not_judged_by_their_times(settings: Settings) -> None:
    """They refuse none then."""
    await configure(
        settings.kafka,
        settings.topics.order,
        needed(settings, settings.topics.order)
        | {"message.timestamp.type": "LogAppendTime", "message.timestamp.after.max.ms": "1"},
    )
    assert await found(settings) == []


def test_every_setting_that_is_judged_is_tried_and_explained() -> None:
    """Here, and on the page beside the rules."""
    page = (Path(topics.__file__).with_name("README.md")).read_text(encoding="utf-8")
    old = {"message.timestamp.difference.max.ms"}  # which this broker does not know any more
    tried = {setting for setting, *_ in CASES} - {"max.message.bytes"}
    assert tried == RULES.keys() - old
    for setting in RULES:
        assert f"`{setting}`" in page or f"`.{setting.removeprefix('message.timestamp.')}`" in page, setting


# Three brokers

BROKERS = (1, 2, 3)


def seen(settings: Settings, **of_output: str) -> TopicListing:
    """All topics with three copies, but the output as it is said."""
    copies = int(of_output.pop("copies", "3"))
    made = {topic.name: topic for topic in topics.needed(settings, brokers=3)}
    output = settings.topics.lead_assigned
    held = [BROKERS[:copies]] * settings.topics.partitions
    had = {**made[output].settings, **{name.replace("_", "."): value for name, value in of_output.items()}}
    made[output] = Topic(output, len(held), copies, made[output].max_message_bytes, settings=had, replicas=held)
    return TopicListing(made, frozenset(), BROKERS)


def on_three(**of_output: str) -> list[tuple[Weight, str]]:
    """The faults of the output topic."""
    return [(fault.weight, fault.why.partition(":")[0]) for fault in topics.faults(PLAIN, seen(PLAIN, **of_output))]


PLAIN = Settings.model_validate({"topics": {"partitions": 2}})


def test_with_three_copies_two_have_to_acknowledge() -> None:
    """One would be lost with its broker; three would stand still without it."""
    assert on_three() == []
    assert on_three(min_insync_replicas="1") == [(STOPS, "min.insync.replicas is 1, should be 2")]
    assert on_three(min_insync_replicas="3") == [(WARNS, "min.insync.replicas is 3, should be 2")]
    assert on_three(min_insync_replicas="4") == [(STOPS, "min.insync.replicas is 4, should be 2")]
    assert on_three(unclean_leader_election_enable="true") == [
        (STOPS, "unclean.leader.election.enable is true, should be false")
    ]


def test_copies_are_as_many_as_the_cluster_allows() -> None:
    """One alone is lost with its broker; who means it says so."""
    assert on_three(copies="2", min_insync_replicas="1") == [(WARNS, "has 2 of 3 copies")]
    assert on_three(copies="1", min_insync_replicas="1") == [(STOPS, "has 1 of 3 copies")]
    meant = Settings.model_validate({"topics": {"partitions": 2, "replication": 1}})
    assert topics.faults(meant, seen(meant, copies="1", min_insync_replicas="1")) == []


def test_the_command_for_copies_leaves_those_that_are_there() -> None:
    """The first of them leads; the others are spread."""
    (fault,) = topics.faults(PLAIN, seen(PLAIN, copies="1", min_insync_replicas="1"))
    assert fault.mend == (
        'echo \'{"version":1,"partitions":[{"topic":"lead-assigned","partition":0,"replicas":[1,2,3]},'
        '{"topic":"lead-assigned","partition":1,"replicas":[1,2,3]}]}\' > copies.json'
        " && kafka-reassign-partitions.sh --bootstrap-server localhost:9092 --reassignment-json-file copies.json"
        " --execute (or say that it is meant: SALESPLAN_TOPICS__REPLICATION=1)"
    )


def test_kafkas_own_topics_only_warn() -> None:
    """Slots' positions lie there, and what is known of transactions; but few users may look at them."""
    offsets = Topic("__consumer_offsets", 1, 1, None, settings={"cleanup.policy": "compact"}, replicas=[[1]])
    states = Topic("__transaction_state", 1, 3, None, settings={"min.insync.replicas": "1"}, replicas=[BROKERS])
    seen = TopicListing({topic.name: topic for topic in (offsets, states)}, frozenset(), BROKERS)
    assert [(fault.topic, fault.weight, fault.why.partition(":")[0]) for fault in of_kafkas_own(PLAIN, seen)] == [
        ("__consumer_offsets", WARNS, "has 1 of 3 copies"),
        ("__transaction_state", WARNS, "min.insync.replicas is 1, should be 2"),
    ]


def test_brokers_settings_only_warn() -> None:
    """They concern what is not promised, or what is not here yet."""
    told = [*judge_brokers({"offsets.retention.minutes": "10079", "auto.create.topics.enable": "true"})]
    assert [(verdict.setting, verdict.wanted, verdict.weight) for verdict in told] == [
        ("offsets.retention.minutes", "10080", WARNS),
        ("auto.create.topics.enable", "false", WARNS),
    ]
    assert [*judge_brokers({"offsets.retention.minutes": "10080", "auto.create.topics.enable": "false"})] == []
    assert [*judge_brokers({})] == []  # one may not look


async def test_the_commands_mend_what_they_are_named_for(settings: Settings, broker: Kafka) -> None:
    """They are run as they are printed, by what kafka-configs.sh runs; then all fits."""
    order, letters = named(settings, INPUT), named(settings, LETTERS)
    await configure(settings.kafka, order, needed(settings, order) | {"cleanup.policy": "compact,delete"})
    await configure(settings.kafka, letters, needed(settings, letters) | {"max.message.bytes": "1048576"})
    faults = await found(settings)
    assert len(faults) == 2
    for fault in faults:
        program, *words = shlex.split(fault.mend)
        assert program == "kafka-configs.sh"
        command = [*broker._java("-XX:TieredStopAtLevel=1"), "kafka.admin.ConfigCommand", *words]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert await found(settings) == []

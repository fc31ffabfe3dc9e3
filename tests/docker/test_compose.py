"""docker-compose.yml as it runs: servers, tables, topics, three workers and made-up events, from nothing."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest

from tests.deploy.files import ALERTS, expressions
from tests.docker.stack import PROMETHEUS, REVISION, Stack, answers, get, missing, missing_image, stack
from worker.kafka.reader import bounds
from worker.settings import Settings, Topics
from worker.settings.kafka import Kafka

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

EVENTS = 6000
WORKERS = 3
START_SECONDS = 120.0
WORK_SECONDS = 120.0
INPUTS, PARTITIONS = len(Topics.KINDS), Topics().partitions
LAG, PLACE = "salesplan_consumer_lag_records", ("topic", "partition")
LATE = "2.5"  # seconds; a bound of the buckets, and well below the session of a worker that is gone
UP = 'sum(up{job="salesplan"})'


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of it, built and started."""
    if lack := missing():
        pytest.skip(lack)
    with stack(tmp_path_factory.mktemp("compose")) as all_of_it:
        all_of_it.compose("up", "--build", "--detach", "--scale", f"worker={WORKERS}", EVENTS=str(EVENTS))
        yield all_of_it


@pytest.fixture(scope="module")
def report(started: Stack) -> dict[str, Any]:
    """The report of `salesplan verify` in a container, once every event has its outcome and its message."""
    started.until("the demo's events are sent", lambda: _exit_code(started, "demo") == 0, START_SECONDS)
    return settled(started, EVENTS)


def settled(started: Stack, events: int) -> dict[str, Any]:
    """The verdict on so many events, all of them worked off and announced."""
    reports: list[dict[str, Any]] = []

    def done() -> bool:
        ran = started.compose("run", "--rm", "--no-deps", "-T", "worker", "verify", "--json")
        reports.append(json.loads(ran.stdout))
        return bool(reports[-1]["events"] >= events and not reports[-1]["lag"] and not reports[-1]["pending"])

    started.until("every event has its outcome", done, WORK_SECONDS)
    return reports[-1]


def _exit_code(started: Stack, service: str) -> int | None:
    """The exit code of the one container, once that has ended."""
    (container,) = started.containers(service)
    state = container["State"]
    return int(state["ExitCode"]) if state["Status"] == "exited" else None


def test_every_worker_is_ready_on_a_port_of_its_own(started: Stack) -> None:
    until_healthy(started)
    addresses = {started.compose("port", "--index", str(n + 1), "worker", "8081").stdout for n in range(WORKERS)}
    assert len(addresses) == WORKERS
    for host, _, port in (address.strip().rpartition(":") for address in addresses):
        assert host == "127.0.0.1"
        assert get(int(port), "/readyz")[0] == 200
        assert json.loads(get(int(port), "/version")[1])["revision"] == REVISION


def test_every_lead_is_assigned_and_verify_exits_0(report: dict[str, Any]) -> None:
    assert report["events"] == EVENTS
    assert report["assigned"] > 0
    assert report["published"] == report["assignments"]
    assert report["violations"] == []


async def test_leads_are_spread_evenly(started: Stack, report: dict[str, Any]) -> None:
    assert report["max_spread"] <= 1
    password = started.compose("exec", "-T", "postgres", "cat", "/run/secrets/postgres_password").stdout.strip()
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=started.postgres_port,
        user="salesplan",
        database="salesplan",
        password=password,
    )
    try:
        spreads = await connection.fetch(
            "select plan_id, sum(assigned_count) as leads, max(assigned_count) - min(assigned_count) as spread"
            " from salesplan_api.plan_managers join salesplan_api.plans using (account_id, plan_id)"
            " where active and mode = 'even' group by plan_id"
        )
    finally:
        await connection.close()
    assert len(spreads) >= 2
    assert all(spread["leads"] > 0 and spread["spread"] <= 1 for spread in spreads)


async def test_kafka_answers_this_machine(started: Stack, report: dict[str, Any]) -> None:
    """At the address it gives out, not only at the one that is asked first."""
    assert report["published"] > 0
    settings = Settings(kafka=Kafka(bootstrap_servers=f"127.0.0.1:{started.kafka_port}"))
    assert await bounds(settings.kafka, [settings.topics.lead_assigned])


def test_our_containers_have_no_rights(started: Stack) -> None:
    for service in ("migrate", "worker", "demo"):
        for container in started.containers(service):
            config, host = container["Config"], container["HostConfig"]
            assert config["User"] == "10001:10001"
            assert host["ReadonlyRootfs"]
            assert host["CapDrop"] == ["ALL"]
            assert host["SecurityOpt"] == ["no-new-privileges:true"]


def test_the_image_knows_its_version_and_has_all_its_bytecode(started: Stack) -> None:
    look = (
        "import importlib.metadata, pathlib, worker\n"
        "packages = pathlib.Path(worker.__file__).parents[1]\n"
        "print(importlib.metadata.version('salesplan'), len(list(packages.rglob('*.py'))),"
        " len(list(packages.rglob('*.pyc'))))"
    )
    version, sources, compiled = started.compose("exec", "-T", "worker", "python", "-c", look).stdout.split()
    assert version
    assert sources == compiled


@pytest.mark.usefixtures("report")
def test_every_partition_is_told_of_by_one_worker(started: Stack) -> None:
    def told_once() -> bool:
        told = [place for worker in running(started) for place in started.scrape(worker).samples(LAG, *PLACE)]
        return len(told) == len(set(told)) == INPUTS * PARTITIONS

    started.until("every partition's lag is told, by one worker", told_once, START_SECONDS)


@pytest.mark.usefixtures("report")
def test_prometheus_sees_the_workers_and_takes_alerts_and_dashboard(started: Stack) -> None:
    if lack := missing_image(PROMETHEUS):
        pytest.skip(lack)
    started.compose("up", "--detach", "--no-deps", "prometheus")
    started.until("Prometheus answers", lambda: answers(started.prometheus_port, "/-/ready"), START_SECONDS)
    started.until("it sees three workers", lambda: ask(started, UP) == [str(WORKERS)], START_SECONDS)
    assert ask(started, 'sum(salesplan_events_consumed_total{job="salesplan"})') == [str(EVENTS)]
    groups = json.loads(get(started.prometheus_port, "/api/v1/rules")[1])["data"]["groups"]
    assert {rule["name"]: rule["lastError"] for rule in groups[0]["rules"] if "lastError" in rule} == {}
    assert len(groups[0]["rules"]) == len(ALERTS)
    for expression in expressions():
        ask(started, expression.replace("$instance", ".*"))


@pytest.mark.usefixtures("report")
def test_a_killed_worker_shows_in_the_lag_and_others_take_over(started: Stack) -> None:
    """Records of its partitions wait until its session runs out; then the others have them, and then it comes back."""
    lost, *others = running(started)
    orphans = set(started.scrape(lost).samples(LAG, *PLACE))
    late = sum(late_batches(started, other) for other in others)
    started.docker("kill", lost["Id"])
    started.compose("run", "--detach", "--no-deps", "demo", "--events", str(EVENTS))
    started.until("its partitions lag", lambda: bool(orphans & lagging(started, others[0])), START_SECONDS)

    def taken_over() -> bool:
        told: dict[tuple[str, ...], float] = {}
        for other in others:
            told |= started.scrape(other).samples(LAG, *PLACE)
        return told.keys() >= orphans and not any(told.values())

    started.until("the others have worked them off", taken_over, WORK_SECONDS)
    verdict = settled(started, 2 * EVENTS)
    assert (verdict["events"], verdict["violations"]) == (2 * EVENTS, [])
    assert sum(late_batches(started, other) for other in others) > late
    started.docker("start", lost["Id"])
    until_healthy(started)
    started.until("it has partitions again", lambda: all(map(partitions(started), running(started))), START_SECONDS)


def until_healthy(started: Stack) -> None:
    def healthy() -> bool:
        states = [container["State"] for container in started.containers("worker")]
        return [state.get("Health", {}).get("Status") for state in states] == ["healthy"] * WORKERS

    started.until("three workers are healthy", healthy, START_SECONDS)


def running(started: Stack) -> list[dict[str, Any]]:
    return [worker for worker in started.containers("worker") if worker["State"]["Running"]]


def partitions(started: Stack) -> Callable[[dict[str, Any]], int]:
    return lambda worker: len(started.scrape(worker).samples(LAG, *PLACE))


def late_batches(started: Stack, worker: dict[str, Any]) -> float:
    """The number of batches that had a record older than LATE seconds when they were written."""
    scraped = started.scrape(worker)
    ages = scraped.samples("salesplan_event_age_seconds_bucket", "topic", "le")
    in_time = sum(count for (_, bound), count in ages.items() if bound == LATE)
    return scraped.total("salesplan_event_age_seconds_count") - in_time


def lagging(started: Stack, worker: dict[str, Any]) -> set[tuple[str, ...]]:
    """The partitions that are not read to their ends, by the tables and the topics."""
    seen = json.loads(started.docker("exec", worker["Id"], "salesplan", "offsets", "show", "--json"))
    return {(place["topic"], str(place["partition"])) for place in seen if place["lag"]}


def ask(started: Stack, expression: str) -> list[str]:
    """The values that Prometheus has for it now."""
    status, answer = get(started.prometheus_port, f"/api/v1/query?{urlencode({'query': expression})}")
    assert status == 200, f"{expression}: {answer}"
    return [series["value"][1] for series in json.loads(answer)["data"]["result"]]


@pytest.mark.usefixtures("report")
def test_workers_end_with_0_when_they_are_stopped(started: Stack) -> None:
    """The last of the tests: the workers are gone after it."""
    started.compose("stop", "worker")
    assert [container["State"]["ExitCode"] for container in started.containers("worker")] == [0] * WORKERS

"""docker-compose.yml as it runs: servers, tables, topics, three workers and made-up events, from nothing."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from tests.docker.stack import Stack, missing, stack
from worker.kafka.plain import bounds
from worker.settings import Settings
from worker.settings.kafka import Kafka

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

EVENTS = 6000
WORKERS = 3
START_SECONDS = 120.0
WORK_SECONDS = 120.0


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
    """What `salesplan verify` says in a container, once every event has its outcome and its message."""
    reports: list[dict[str, Any]] = []

    def done() -> bool:
        ran = started.compose("run", "--rm", "--no-deps", "-T", "worker", "verify", "--json")
        reports.append(json.loads(ran.stdout))
        return bool(reports[-1]["events"] >= EVENTS and not reports[-1]["lag"] and not reports[-1]["pending"])

    started.until("the demo's events are sent", lambda: _exit_code(started, "demo") == 0, START_SECONDS)
    started.until("every event has its outcome", done, WORK_SECONDS)
    return reports[-1]


def _exit_code(started: Stack, service: str) -> int | None:
    """Of its one container, once that has ended."""
    (container,) = started.containers(service)
    state = container["State"]
    return int(state["ExitCode"]) if state["Status"] == "exited" else None


def test_every_worker_is_ready_on_a_port_of_its_own(started: Stack) -> None:
    def healthy() -> bool:
        states = [container["State"] for container in started.containers("worker")]
        return [state.get("Health", {}).get("Status") for state in states] == ["healthy"] * WORKERS

    started.until("three workers are healthy", healthy, START_SECONDS)
    addresses = {started.compose("port", "--index", str(n + 1), "worker", "8081").stdout for n in range(WORKERS)}
    assert len(addresses) == WORKERS
    for host, _, port in (address.strip().rpartition(":") for address in addresses):
        assert host == "127.0.0.1"
        probe = http.client.HTTPConnection(host, int(port), timeout=10)
        probe.request("GET", "/readyz")
        assert probe.getresponse().status == 200
        probe.close()


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
def test_workers_end_with_0_when_they_are_stopped(started: Stack) -> None:
    """The last of the tests: the workers are gone after it."""
    started.compose("stop", "worker")
    assert [container["State"]["ExitCode"] for container in started.containers("worker")] == [0] * WORKERS

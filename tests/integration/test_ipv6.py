"""A machine that has IPv6 only: the ways to both servers, and the probes."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.command import salesplan
from worker.embedded import Kafka, Postgres, scratch_folder
from worker.embedded.ports import free_port
from worker.postgres.migrate import migrate
from worker.run.health import Health, serve_probes
from worker.run.measurements import Measurements
from worker.settings import Ops, Settings

LOOPBACK = "::1"
ALL_OF_IPV4 = "0.0.0.0"  # noqa: S104 -- it is asked for


def has_ipv6() -> bool:
    try:
        socket.create_server((LOOPBACK, 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """A broker whose clients come by IPv6; its address."""
    port, controller = free_port(), free_port()
    broker = Kafka.start(
        folder,
        more=f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
        f"listeners=PLAINTEXT://[{LOOPBACK}]:{port},CONTROLLER://127.0.0.1:{controller}\n"
        f"advertised.listeners=PLAINTEXT://[{LOOPBACK}]:{port}\n",
    )
    try:
        yield f"[{LOOPBACK}]:{port}"
    finally:
        broker.kill()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server that listens on IPv6; its address."""
    server = Postgres(folder, listen=True)
    server._addresses = LOOPBACK
    server.begin()
    try:
        yield f"postgresql://postgres@[{LOOPBACK}]:{server.port}/postgres"
    finally:
        server.stop()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    with scratch_folder() as folder, kafka(folder / "kafka") as brokers, postgres(folder / "postgres") as url:
        await asyncio.to_thread(migrate, url)
        async with opened(environment(url, brokers, SALESPLAN_OPS__HOST="::"), tmp_path) as stage:
            yield stage


def answer(host: str, port: int) -> int:
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    finally:
        connection.close()


async def test_a_worker_works_where_there_is_only_ipv6(stage: Stage) -> None:
    """Everything from the topics to the last announcement; the probes answer by IPv6, and by IPv4 too."""
    (worker,) = await stage.start_ready(1)  # asked by IPv4
    assert await asyncio.to_thread(answer, LOOPBACK, worker.port) == 200
    await stage.send(islice(events(dice(111), 100), 200))
    await stage.until_handled()
    url = stage.settings.dsn or ""
    port = url.rpartition(":")[2].partition("/")[0]
    for hosts in (
        {"PGHOST": LOOPBACK, "PGPORT": port},
        {"DATABASE_URL": f"postgresql:///postgres?host=::1&port={port}"},
    ):
        named = {"DATABASE_URL": "", "PGUSER": "postgres", "PGDATABASE": "postgres", **hosts}
        listed = await stage.command("plans", "list", **named)
        assert (listed.code, listed.err) == (0, ""), hosts
    await stage.finish()


@pytest.mark.parametrize("host", [LOOPBACK, f"[{LOOPBACK}]", "::", "localhost", ALL_OF_IPV4])
async def test_probes_listen_where_they_are_told(host: str) -> None:
    """On an address of either kind, and on a name."""
    port = free_port()
    by = LOOPBACK if LOOPBACK in host else "127.0.0.1"
    async with serve_probes(Health(), Measurements(Settings()).metrics, Ops(host=host, port=port)):
        assert await asyncio.to_thread(answer, by, port) == 200


async def test_all_addresses_are_those_of_ipv4_where_a_machine_has_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some machines turn IPv6 off altogether, and the image listens on all addresses."""
    listen, port = socket.create_server, free_port()

    def without_ipv6(address: tuple[str, int], *, family: int = socket.AF_INET, **_: object) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return listen(address)

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    async with serve_probes(Health(), Measurements(Settings()).metrics, Ops(host="::", port=port)):
        assert await asyncio.to_thread(answer, "127.0.0.1", port) == 200


async def test_a_broker_that_is_away_is_named_as_it_is_given(database_url: str) -> None:
    """In brackets, so that one can see which part is the port."""
    told = await salesplan(environment(database_url, f"[{LOOPBACK}]:1"), "topics", "check")
    assert (told.code, told.err) == (75, f"Kafka: [{LOOPBACK}]:1 refuses the connection: nobody listens there\n")

"""The embedded servers: real, restartable, and gone when the process that started them is gone."""

import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from worker.embedded import Kafka, Postgres, ports, scratch_folder
from worker.embedded.extra import MissingExtraError, package_folder

STOP_SECONDS = 90  # of both servers in order, on a busy machine

# Starts from a thread that ends, as test sessions and the demo do.
STARTS_BOTH = """
import signal, sys
from worker.embedded import servers
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background inherits that it is ignored
with servers() as (kafka, postgres):
    print(kafka.pid, postgres.pid, flush=True)
    sys.stdin.read()
"""


async def test_a_restarted_kafka_keeps_records_and_address(own_kafka: Callable[[], Kafka]) -> None:
    """A client that knew the broker before finds its records there afterwards."""
    kafka = own_kafka()
    address = kafka.bootstrap_servers
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="t")
    async with producer, producer.transaction():
        await producer.send_and_wait("kept", b"value")

    kafka.restart()

    assert kafka.bootstrap_servers == address
    consumer = AIOKafkaConsumer(
        "kept", bootstrap_servers=address, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    async with consumer:
        assert (await consumer.getone()).value == b"value"


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
async def test_a_restarted_postgres_keeps_what_was_committed(
    own_postgres: Callable[[], Postgres], end: Callable[[Postgres], None]
) -> None:
    """Also after a crash, with a session open."""
    postgres = own_postgres()
    dsn = postgres.dsn()
    before = await asyncpg.connect(dsn)
    await before.execute("CREATE TABLE kept AS SELECT 1 AS value")

    end(postgres)
    assert not psutil.pid_exists(postgres.pid)
    postgres.restart()

    before.terminate()
    after = await asyncpg.connect(dsn)
    assert await after.fetchval("SELECT value FROM kept") == 1
    assert await after.fetchval("SHOW fsync") == "on"
    await after.close()


async def test_postgres_listens_on_tcp_where_it_is_asked_to() -> None:
    """On the same port after a restart."""
    with scratch_folder() as folder:
        postgres = Postgres.start(folder / "postgres", listen=True)
        try:
            postgres.restart()
            for dsn in (postgres.tcp_dsn(), postgres.dsn()):
                connection = await asyncpg.connect(dsn)
                assert await connection.fetchval("SELECT 1") == 1
                await connection.close()
        finally:
            postgres.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_servers_never_outlive_their_parent(how: signal.Signals) -> None:
    """The parent is killed outright, or interrupted from the terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_BOTH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        started = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(started) == 2
        everything = [child for server in started for child in (server, *server.children(recursive=True))]

        parent.send_signal(how)
        parent.wait(STOP_SECONDS)

    assert psutil.wait_procs(everything, timeout=20)[1] == []


def test_a_frozen_server_goes_with_its_parent_too() -> None:
    """A test that stopped the broker and then crashed leaves nothing behind."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_BOTH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        started = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        for server in started:
            server.suspend()
        parent.kill()

    assert psutil.wait_procs(started, timeout=20)[1] == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only chance keeps a port")
def test_servers_come_and_go_on_a_port_that_nobody_else_is_given() -> None:
    """Whoever looks for a port tries to bind it, as here."""
    port = ports.free_port()
    for _ in range(2):
        socket.create_server((ports.HOST, port)).close()
        with socket.socket() as another, pytest.raises(OSError, match="in use"):
            another.bind((ports.HOST, port))


def test_few_ports_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs an open file, of which a process may have a thousand."""
    monkeypatch.setattr(ports, "MOST_HELD", 4)
    held: deque[socket.socket] = deque()
    monkeypatch.setattr(ports, "_held", held)
    for _ in range(10):
        ports.free_port()
    assert len(held) == 4
    for holder in held:
        holder.close()


def test_a_missing_package_names_the_extra() -> None:
    """The product's image has none of the servers; whoever tries is told what to install."""
    with pytest.raises(MissingExtraError, match=r"salesplan\[embedded\]"):
        package_folder("no_such_package")

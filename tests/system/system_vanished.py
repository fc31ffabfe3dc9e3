"""Machines that vanish: the kernel drops their packets, so that not even the end of a connection arrives."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from psutil import Process

from tests.stage.environment import dice, environment
from tests.stage.frozen import start_freezing, until_its_locks_are_free
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

SMALL = {"SALESPLAN_INTAKE__MAX_BATCH": "50"}

Vanish = Callable[[int], None]


@pytest.fixture
async def stage(tcp_postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on that server, over TCP."""
    async with opened(environment(tcp_postgres.tcp_dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


@pytest.fixture
def vanish(tcp_postgres: Postgres) -> Iterator[Vanish]:
    """Drops every packet between a process and the server, for good."""
    with ExitStack() as dropped:

        def drop(pid: int) -> None:
            for connection in Process(pid).net_connections("tcp"):
                if not connection.raddr or connection.raddr.port != tcp_postgres.port:
                    continue
                ends = str(connection.laddr.port), str(tcp_postgres.port)
                for source, destination in (ends, ends[::-1]):
                    rule = ["INPUT", "-p", "tcp", "--sport", source, "--dport", destination, "-j", "DROP"]
                    iptables("-I", *rule)
                    dropped.callback(iptables, "-D", *rule)

        yield drop


def iptables(*words: str) -> None:
    subprocess.run(["iptables", "-w", *words], check=True)  # noqa: S607 -- wherever the system has it


@pytest.mark.parametrize("place", ["after_lock", "in_copy", "before_commit"])
async def test_p04_a_machine_that_vanishes_does_not_keep_its_locks(stage: Stage, vanish: Vanish, place: str) -> None:
    """In the middle of its transaction: its plans go on within ten seconds, and its sessions end."""
    lost = await start_freezing(stage, place, **SMALL)
    async with stage.load(events(dice(111), 4000), per_second=400):
        await stage.until_gone(lost)
        vanish(lost.pid)
        lost.kill()
        await until_its_locks_are_free(stage)
    await stage.finish()

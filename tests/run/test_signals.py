"""SIGTERM at any moment ends the worker with 0, also while it is still being loaded.

The kernel drops a signal for the first process of a container that has no handler for it yet.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psutil import NoSuchProcess, Process

from tests.stage.environment import no_servers
from worker.embedded.ports import free_port

NAMES = no_servers()
WORKER = (sys.executable, "-m", "worker", "run")
SECONDS = 30.0
AS_FIRST = ("unshare", "--fork", "--pid", "--kill-child")
ALONE = (*AS_FIRST, "--user", "--map-root-user")
# What is loaded one after the other; "" is the moment at which the handler is there.
MOMENTS = ("", "orjson", "asyncpg", "aiokafka")


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    names = {**NAMES, "SALESPLAN_OPS__PORT": str(free_port())}
    process = subprocess.Popen(command, env=names, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def hears(pid: int) -> bool:
    """True if the process has a handler for SIGTERM."""
    (caught,) = (line.split()[1] for line in status(pid) if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def status(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/status").read_text().splitlines()


def has_loaded(pid: int, library: str) -> bool:
    return f"/{library}/" in Path(f"/proc/{pid}/maps").read_text()


def until_loaded(pid: int, library: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not (has_loaded(pid, library) if library else hears(pid)):
        assert time.monotonic() < deadline


@pytest.mark.parametrize("library", MOMENTS)
def test_an_early_sigterm_ends_the_worker_with_0(library: str) -> None:
    with started(*WORKER) as process:
        until_loaded(process.pid, library)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_it_is_heard_before_anything_large_is_loaded() -> None:
    with started(*WORKER) as process:
        until_loaded(process.pid, "")
        assert not has_loaded(process.pid, "asyncpg")


@pytest.mark.parametrize("library", MOMENTS)
def test_an_early_sigterm_ends_the_first_process_of_a_container(library: str) -> None:
    unshare = AS_FIRST if os.geteuid() == 0 else ALONE
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives nobody process numbers of his own")
    with started(*unshare, *WORKER) as process:
        first = child_of(process.pid)
        until_loaded(first, library)
        os.kill(first, signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def child_of(pid: int) -> int:
    """The worker, once unshare has become it."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        for child in Process(pid).children():
            try:
                if "worker" in child.cmdline():
                    return child.pid
            except NoSuchProcess:
                continue
    pytest.fail("it was not started")


def test_another_command_does_not_pretend_that_it_is_done() -> None:
    """The code is that of a shell: 128 and the number of the signal."""
    with started(sys.executable, "-m", "worker", "plans", "list") as process:
        until_loaded(process.pid, "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 128 + signal.SIGTERM

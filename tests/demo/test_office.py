"""`make console`: both links answer, events come in, and a signal ends everything in order."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.stage.environment import outside
from worker.embedded.ports import free_port

START_SECONDS = 150.0  # on a busy machine
STREAM_SECONDS = 60.0
LINKS = re.compile(r"http://127\.0\.0\.1:\d+/")
CLIENTS = re.compile(r"([\d,]+) clients?\b")


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def counts(url: str) -> list[str]:
    """The counts of clients on the page."""
    return CLIENTS.findall(httpx2.get(url).raise_for_status().text)


@pytest.mark.timeout(400)
def test_two_links_answer_the_stream_moves_numbers_and_a_signal_ends_it(tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    command = [sys.executable, "-m", "worker.demo.office", "--port", str(port)]
    with output.open("wb") as file:
        process = subprocess.Popen(command, env={**outside(), "PATH": os.environ["PATH"]}, stdout=file, stderr=file)

    def has_begun() -> bool:
        assert process.poll() is None, output.read_text()
        return "Ctrl-C ends" in output.read_text()

    try:
        wait_until(has_begun, START_SECONDS)
        head, manager = LINKS.findall(output.read_text())
        assert (head, manager) == (f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port + 1}/")
        assert httpx2.get(head).headers["location"] == "/plans"
        assert httpx2.get(manager).headers["location"] == "/my"
        assert "Борис Ким" in httpx2.get(f"{head}plans").text
        assert "Борис Ким" not in httpx2.get(f"{manager}my").raise_for_status().text
        before = counts(f"{head}plans")
        assert before
        wait_until(lambda: counts(f"{head}plans") != before, STREAM_SECONDS)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0, output.read_text()
        assert output.read_text().endswith("Ended.\n")
        assert [child.cmdline() for child in children if child.is_running()] == []
    finally:
        process.kill()
        process.wait()


def test_a_port_that_is_taken_is_told_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "worker.demo.office", "--port", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"port {port} can't be used")

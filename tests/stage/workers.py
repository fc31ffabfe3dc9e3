"""Workers as processes of their own: started, frozen, killed, stopped."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from psutil import STATUS_STOPPED, Process

from tests.stage.scraped import Scraped
from worker import failpoint
from worker.embedded.orphans import when_orphaned
from worker.embedded.ports import free_port

STOP_SECONDS = 30
REFUSE_SECONDS = 60
PROBE_SECONDS = 5
HOST = "127.0.0.1"
# While a check fails for its server, those that hang on the other one do not.
BLAMELESS = {"database": {"group"}, "group": {"database", "plans"}}


class WorkerProcess:
    """``salesplan run`` with its own port for the probes; what it logs is in ``log``.

    ``redirection`` puts its streams elsewhere, in the words of the shell.
    """

    def __init__(self, number: int, folder: Path, environment: Mapping[str, str], redirection: str = "") -> None:
        self.number = number
        self.log = folder / f"worker-{number}.log"
        self.port = free_port()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "worker", "run"],
                env={**environment, "SALESPLAN_OPS__PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._to_end = failpoint.VARIABLE in environment
        self._survived = when_orphaned('kill -s KILL "$1"', str(self.pid))

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def crashed(self) -> bool:
        """Whether it ended with nobody asking."""
        return not self.alive and not self._to_end

    @property
    def frozen(self) -> bool:
        """Whether it has been stopped, by itself at a failpoint too."""
        return self.alive and Process(self.pid).status() == STATUS_STOPPED

    def kill(self) -> None:
        """Gone at once, also when it is frozen."""
        self._to_end = True
        self._signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._survived()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def ask_to_end(self) -> None:
        """Send it SIGTERM."""
        self._to_end = True
        self._signal(signal.SIGTERM)

    async def stop(self) -> None:
        """An orderly end, in time and with exit code 0."""
        self.ask_to_end()
        code = await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        assert code == 0, f"worker {self.number} ended with {code}:\n{self.tail()}"
        self._survived()

    async def ends(self) -> int:
        """Wait until it ends by itself, as it does where it refuses to go on; returns its exit code."""
        self._to_end = True
        code = await asyncio.to_thread(self._process.wait, REFUSE_SECONDS)
        self._survived()
        return code

    async def probe(self, path: str) -> int:
        """The status that its port answers with, 0 where it does not."""
        return (await asyncio.to_thread(self._get, path))[0]

    async def failing(self) -> set[str]:
        """The checks that it says fail."""
        _, text = await asyncio.to_thread(self._get, "/readyz?verbose")
        return set(re.findall(r"^\[-\](\w+)", text, re.MULTILINE))

    async def blames(self, check: str) -> bool:
        """Whether it tells that this check fails; it has to live, and to blame the other server for nothing."""
        assert await self.probe("/livez") == HTTPStatus.OK
        failing = await self.failing()
        assert not failing & BLAMELESS[check]
        return check in failing and await self.probe("/readyz") == HTTPStatus.SERVICE_UNAVAILABLE

    async def metrics(self) -> Scraped:
        """What it tells Prometheus."""
        status, text = await asyncio.to_thread(self._get, "/metrics")
        assert status == HTTPStatus.OK, f"/metrics answers with {status}"
        return Scraped.of(text)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of this name."""
        lines = self.log.read_bytes().splitlines()
        found = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
        return [line for line in found if line.get("event") == event]

    def tail(self, lines: int = 25) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection(HOST, self.port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return 0, ""
        finally:
            connection.close()

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)

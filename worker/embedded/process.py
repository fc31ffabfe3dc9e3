"""Runs a server process. It stops in order after Ctrl-C, and never outlives the process that started it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from worker.embedded.orphans import when_orphaned

STOP_SECONDS = 20.0
KILL_SECONDS = 10.0

# The script first continues the server, since a test may have frozen it. It kills a server that does not end.
END_IT = """
kill -s CONT "$1"; kill -s "$2" "$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" || exit; sleep 0.3; done
kill -s KILL "$1"
"""


class ServerFailedError(RuntimeError):
    """The server ended or did not answer; the text has the end of its log."""


class ServerProcess:
    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        user: tuple[int, int] | None = None,
        orphaned: signal.Signals = signal.SIGKILL,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Starts the command. `user` is (uid, gid). The server gets the signal `orphaned` when this process dies.

        `environment` is added to that of this process.
        """
        self.log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        uid, gid = user or (None, None)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                start_new_session=True,
                env={**os.environ, **environment},
                user=uid,
                group=gid,
                extra_groups=None if user is None else [],
            )
        self.pid = self._process.pid
        self._survived = when_orphaned(END_IT, str(self.pid), orphaned.name.removeprefix("SIG"))

    def is_running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """The server's log since this start."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def wait_until(self, answers: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not answers():
            if not self.is_running() or time.monotonic() > deadline:
                ended = self._process.poll()  # None if it runs but does not answer
                self.kill()
                raise ServerFailedError(f"{self.log.stem} did not start ({ended}):\n{self.output()[-4000:]}")
            time.sleep(0.02)

    def stop(self, asking: signal.Signals) -> None:
        """Asks the server for an orderly end, and kills it if it does not end."""
        self._signal(signal.SIGCONT)
        self._signal(asking)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait(KILL_SECONDS)
        self._survived()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running():
            os.kill(self.pid, number)

"""A server process that gets an orderly stop after Ctrl-C, and never outlives the process that started it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 20.0
KILL_SECONDS = 10.0

# Reads from a pipe whose other end only the starting process holds: end of file means it is gone, whatever
# killed it. (PR_SET_PDEATHSIG would follow the starting *thread*, and servers are started from threads.)
WATCHDOG = """
read -r _ && exit
kill -s "$2" "$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" || exit; sleep 0.3; done
kill -s KILL "$1"
"""


class ServerFailedError(RuntimeError):
    """The server ended or did not answer; the message carries the end of its log."""


class ServerProcess:
    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        user: tuple[int, int] | None = None,
        orphaned: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Starts the command; `user` is (uid, gid), `orphaned` the signal it gets when this process dies."""
        self.log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        uid, gid = user or (None, None)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                start_new_session=True,
                user=uid,
                group=gid,
                extra_groups=None if user is None else [],
            )
        self.pid = self._process.pid
        self._watchdog = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", WATCHDOG, "watchdog", str(self.pid), orphaned.name.removeprefix("SIG")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """What this start of the server has logged so far."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def wait_until(self, answers: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not answers():
            if not self.is_running() or time.monotonic() > deadline:
                ended = (
                    "did not answer in time"
                    if self.is_running()
                    else f"ended with {self._process.returncode}"
                )
                self.kill()
                raise ServerFailedError(f"{self._process.args!r} {ended}:\n{self.output()[-4000:]}")
            time.sleep(0.02)

    def stop(self, asking: signal.Signals) -> None:
        """Asks for an orderly end, and insists if there is none."""
        self._signal(signal.SIGCONT)
        self._signal(asking)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait(KILL_SECONDS)
        if self._watchdog.poll() is None:
            self._watchdog.communicate(b"stopped\n", KILL_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running():
            os.kill(self.pid, number)

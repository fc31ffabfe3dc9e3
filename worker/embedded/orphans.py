"""Cleans up after this process if it is killed before it can do so itself."""

import subprocess
from collections.abc import Callable

CALL_OFF_SECONDS = 10.0


def when_orphaned(script: str, *arguments: str) -> Callable[[], None]:
    """Runs the shell script after the end of this process, however it ends. Returns a function that cancels this.

    The script waits on a pipe whose other end only this process holds. (PR_SET_PDEATHSIG would wait for the end of
    the calling *thread* instead, and servers are started from threads that end.)
    """
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _ && exit\n{script}", "orphans", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def call_off() -> None:
        if watchdog.poll() is None:
            watchdog.communicate(b"called off\n", CALL_OFF_SECONDS)

    return call_off

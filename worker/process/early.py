"""Runs before anything else is loaded: handles SIGTERM, and removes variables of other programs.

In a container's first process, the kernel drops a signal that has no handler. An early SIGTERM would be lost, and the
container would be killed at the end of its grace period.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

# With one of these, Prometheus' client stores its values in files, for web servers with many processes. A worker is one
# process, and would depend on that folder and its disk for nothing.
FOR_OTHERS = ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir")

TERMINATED = 128 + signal.SIGTERM  # the exit code of a shell


def handle_signals() -> None:
    """Install handlers.

    A worker has begun nothing yet and ends with 0; later it installs its own. Other commands end with 143.
    """
    worker = sys.argv[1:2] == ["run"]
    signal.signal(signal.SIGTERM, _end_worker if worker else _end_command)
    if worker:
        signal.signal(signal.SIGINT, _end_worker)


def forget_variables() -> None:
    """Remove variables that libraries would read and must not."""
    for name in FOR_OTHERS:
        os.environ.pop(name, None)


def _end_worker(_: int, __: FrameType | None) -> NoReturn:
    os._exit(0)


def _end_command(_: int, __: FrameType | None) -> NoReturn:
    """End the command and undo its work, as after Ctrl-C. A second signal ends it at once."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(TERMINATED))
    raise SystemExit(TERMINATED)

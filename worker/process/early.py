"""Comes before anything is loaded: SIGTERM from the first moment on, and variables that are for other programs.

The kernel drops a signal without a handler where the process is the first of its container, so an early one would be
lost: the container would be killed at the end of its grace.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

# Where they are set, Prometheus' client keeps its values in files there, for a web server of many processes. A worker
# is one process: it would hang on that folder and its disk for nothing.
FOR_OTHERS = ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir")

TERMINATED = 128 + signal.SIGTERM  # as a shell has it


def handle_signals() -> None:
    """The worker, which has begun nothing yet, ends with 0; its own handler follows. Other commands end with 143."""
    worker = sys.argv[1:2] == ["run"]
    signal.signal(signal.SIGTERM, _end_worker if worker else _end_command)
    if worker:
        signal.signal(signal.SIGINT, _end_worker)


def forget_variables() -> None:
    """Take out of the environment what libraries would read, and must not."""
    for name in FOR_OTHERS:
        os.environ.pop(name, None)


def _end_worker(_: int, __: FrameType | None) -> NoReturn:
    os._exit(0)


def _end_command(_: int, __: FrameType | None) -> NoReturn:
    """What is begun is taken back, as after Ctrl-C; a second signal does not wait for that."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(TERMINATED))
    raise SystemExit(TERMINATED)

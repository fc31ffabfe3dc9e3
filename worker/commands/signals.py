"""SIGTERM and Ctrl-C: the first asks the process to end, the second one does not wait for long."""

import asyncio
import os
import signal
from typing import NoReturn

from worker import log
from worker.commands.shell import Exit, say

MIDWAY_SECONDS = 1.0  # after a second signal, to leave in order


def stop_on_signals(midway: str) -> asyncio.Event:
    """An event that the first signal sets; the second one cancels this task, and soon ends the process.

    If the process must end at once, it prints ``midway``, which says what becomes of unfinished work.
    """
    stop = asyncio.Event()
    working = asyncio.current_task()
    assert working is not None  # noqa: S101 -- a coroutine has called
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            working.cancel()
            loop.call_later(MIDWAY_SECONDS, _end_midway, midway)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop


def _end_midway(midway: str) -> NoReturn:
    """End the process at once, whatever it waits for. To the servers it looks as if it was killed."""
    say(midway)
    log.finish(MIDWAY_SECONDS)
    os._exit(Exit.FAILED)

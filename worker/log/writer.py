"""Writes the log from a thread of its own, so that no line stops, slows or kills the worker.

A full disk, a closed pipe and a reader that hangs all mean that lines can't be written. Those are dropped and counted.
"""

from __future__ import annotations

import io
import os
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from worker.process.streams import write_some

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MOST_WAITING = 4096  # lines, of some 300 bytes each; a reader that hangs costs about a megabyte
LAST_SECONDS = 2.0  # that the end of the process waits for lines that are not written yet


class LogWriter(io.RawIOBase):
    """A file whose ``write`` returns at once. Lines are written in the order in which they come."""

    def __init__(self, descriptor: int, most_waiting: int = MOST_WAITING) -> None:
        self._descriptor = descriptor
        self._waiting: queue.Queue[bytes | None] = queue.Queue(most_waiting)
        self._torn = False  # the last line was written in part
        self._dropped = 0
        self._count: Callable[[int], None] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._write_waiting, name="log", daemon=True)
        self._thread.start()

    def write(self, text: ReadableBuffer, /) -> int:
        """Put the lines in the queue, or drop them where it is full."""
        line = bytes(text)
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self._drop(line)
        return len(line)

    def count_dropped(self, count: Callable[[int], None]) -> None:
        """Tell ``count`` how many lines were dropped up to now, and from now on each time that some are."""
        with self._lock:
            self._count = count
            count(self._dropped)

    def finish(self, seconds: float = LAST_SECONDS) -> None:
        """Wait until the lines are written, no longer than this. Lines that come later are not written."""
        try:
            self._waiting.put(None, timeout=seconds)
        except queue.Full:
            return  # the reader hangs
        self._thread.join(seconds)

    def _write_waiting(self) -> None:
        while (line := self._waiting.get()) is not None:
            try:
                self._write(line)
            except OSError:
                self._drop(line)

    def _write(self, line: bytes) -> None:
        """A line that follows half a one begins on a line of its own."""
        rest = memoryview(b"\n" + line if self._torn else line)
        while rest:
            rest = rest[write_some(self._descriptor, rest) :]
            self._torn = bool(rest)

    def _drop(self, line: bytes) -> None:
        lines = max(1, line.count(b"\n"))
        with self._lock:
            self._dropped += lines
            if self._count:
                self._count(lines)

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor that is written to."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether that is a terminal."""
        return os.isatty(self._descriptor)

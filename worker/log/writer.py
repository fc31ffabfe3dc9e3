"""Writes the log in a separate thread, so that no line stops, slows or kills the worker.

Lines can't be written if the disk is full, the pipe is closed, or its reader hangs. The writer drops such lines and
counts them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from worker.process.streams import DescriptorWriter, write_some

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MOST_WAITING = 4096  # lines of about 300 bytes; with a reader that hangs they take about a megabyte
LAST_SECONDS = 2.0  # seconds for which the end of the process waits for unwritten lines


class LogWriter(DescriptorWriter):
    """A file whose ``write`` returns at once. It writes lines in the order of the calls."""

    def __init__(self, descriptor: int, most_waiting: int = MOST_WAITING) -> None:
        super().__init__(descriptor)
        self._waiting: queue.Queue[bytes | None] = queue.Queue(most_waiting)
        self._torn = False  # True if the last line was written only in part
        self._dropped = 0
        self._count: Callable[[int], None] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._write_waiting, name="log", daemon=True)
        self._thread.start()

    def write(self, text: ReadableBuffer, /) -> int:
        """Put the lines in the queue, or drop them if it is full."""
        line = bytes(text)
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self._drop(line)
        return len(line)

    def count_dropped(self, count: Callable[[int], None]) -> None:
        """Call ``count`` with the number of lines dropped so far, and later with each further number."""
        with self._lock:
            self._count = count
            count(self._dropped)

    def finish(self, seconds: float = LAST_SECONDS) -> None:
        """Wait until all lines are written, at most this long. Later lines are lost."""
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
        """Write one line. After a line that was cut off, it begins on a new line."""
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

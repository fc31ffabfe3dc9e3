"""Named pipes for the log of a worker, with readers that do odd things."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class Pipe:
    """A named pipe that somebody reads, who never takes anything out of it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.redirection = f"2>{path}"
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._path = path

    def fill(self) -> None:
        """From now on, whoever writes to it waits."""
        writer = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        with suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n" * 4096)
        os.close(writer)

    def read(self) -> bytes:
        """All that is in it."""
        read = b""
        with suppress(BlockingIOError):
            while some := os.read(self._reader, 1 << 20):
                read += some
        return read

    def leave(self) -> None:
        """The reader goes away."""
        os.close(self._reader)

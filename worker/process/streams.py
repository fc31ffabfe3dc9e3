"""The standard streams of a process: always there, and no trouble of theirs takes a command off its way.

Only the standard library is imported here, and little of it: this runs before everything else.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDIN, STDOUT, STDERR = 0, 1, 2


class OutputError(Exception):
    """The output can't be written, and so is not complete; says why. No OSError: no server is to blame."""


class Output(io.RawIOBase):
    """Writes to a file descriptor, all of what it is given.

    A reader that went away has read enough (``| head``): what follows is dropped, and the command goes on to its end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: ReadableBuffer, /) -> int:
        """Raises OutputError."""
        try:
            return write_all(self._descriptor, memoryview(text))
        except BrokenPipeError:
            return self._drop(text)
        except OSError as error:
            raise OutputError(f"the output can't be written: {error.strerror}") from error

    def _drop(self, text: ReadableBuffer) -> int:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self._descriptor)
        os.close(null)
        return memoryview(text).nbytes

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor that is written to."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)


class Words(Output):
    """Words about the output; whatever keeps them from being written, they are dropped."""

    def write(self, text: ReadableBuffer, /) -> int:
        """Raises nothing."""
        try:
            return write_all(self._descriptor, memoryview(text))
        except OSError:
            return memoryview(text).nbytes


def write_all(descriptor: int, text: memoryview) -> int:
    """Write every byte. Raises OSError."""
    written = 0
    while written < text.nbytes:
        written += write_some(descriptor, text[written:])
    return written


def write_some(descriptor: int, text: memoryview) -> int:
    """Write at least one byte, also where the descriptor does not block; returns how many. Raises OSError."""
    while True:
        try:
            return os.write(descriptor, text)
        except BlockingIOError:
            _wait_until_writable(descriptor)


def _wait_until_writable(descriptor: int) -> None:
    import select  # noqa: PLC0415 -- hardly ever needed, and this module is to be light

    select.select([], [descriptor], [])


def open_standard() -> None:
    """Open those that are closed on the null device, and take the trouble out of stdout and stderr.

    A descriptor that stays closed goes to the next socket, and what is meant for stderr would be sent to a server.
    """
    for descriptor in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(STDIN), encoding="utf-8")
    sys.stdout = text(Output(STDOUT), like=sys.stdout)
    sys.stderr = text(Words(STDERR), like=sys.stderr, errors="backslashreplace")


def text(raw: io.RawIOBase, *, like: TextIO | None, errors: str | None = None) -> TextIO:
    """A stream of text that hands on whole lines, in the encoding of another one."""
    encoding = like.encoding if like else "utf-8"
    errors = errors or (like.errors if like else None)
    return io.TextIOWrapper(raw, encoding=encoding, errors=errors, line_buffering=True)  # type: ignore[type-var]

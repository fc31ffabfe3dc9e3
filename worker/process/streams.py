"""The standard streams of a process. They always exist, and their failures never change a command's work.

This module imports little, and only from the standard library: it runs before everything else.
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
    """The output can't be written, and so is incomplete; the text says why.

    It is no OSError, since no server failed.
    """


class DescriptorWriter(io.RawIOBase):
    """A file that writes to a descriptor; a derived class says how."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """The descriptor of the output."""
        return self._descriptor

    def isatty(self) -> bool:
        """True if the output is a terminal."""
        return os.isatty(self._descriptor)


class Output(DescriptorWriter):
    """Writes all of its input to a file descriptor.

    A reader that closes the pipe has read enough (``| head``). The rest is dropped, and the command goes on to its end.
    """

    def write(self, text: ReadableBuffer, /) -> int:
        """Write all bytes. Raises OutputError."""
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


class Messages(Output):
    """Writes messages to stderr. Messages that can't be written are dropped."""

    def write(self, text: ReadableBuffer, /) -> int:
        """Write all bytes, or drop them. Raises nothing."""
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
    """Write at least one byte, waiting if the descriptor is non-blocking; returns the number. Raises OSError."""
    while True:
        try:
            return os.write(descriptor, text)
        except BlockingIOError:
            _wait_until_writable(descriptor)


def _wait_until_writable(descriptor: int) -> None:
    import select  # noqa: PLC0415 -- hardly ever needed, and this module must load fast

    select.select([], [descriptor], [])


def open_standard() -> None:
    """Open closed standard descriptors on the null device, and replace stdout and stderr by streams that handle
    failures.

    A descriptor that stays closed would go to the next socket, and stderr's text would then go to a server.
    """
    for descriptor in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free descriptor
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(STDIN), encoding="utf-8")
    sys.stdout = text(Output(STDOUT), like=sys.stdout)
    sys.stderr = text(Messages(STDERR), like=sys.stderr, errors="backslashreplace")


def text(raw: io.RawIOBase, *, like: TextIO | None, errors: str | None = None) -> TextIO:
    """A text stream that passes on whole lines, in the encoding of ``like``."""
    encoding = like.encoding if like else "utf-8"
    errors = errors or (like.errors if like else None)
    return io.TextIOWrapper(raw, encoding=encoding, errors=errors, line_buffering=True)  # type: ignore[type-var]

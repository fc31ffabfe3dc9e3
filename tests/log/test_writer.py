"""The writer of the log: lines in order, dropped where they must be, and counted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.log.pipes import Pipe
from worker.log.writer import LogWriter

PAGE = 4096


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    pipe = Pipe(tmp_path / "pipe")
    yield pipe
    with suppress(OSError):
        pipe.leave()


def opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY)


def test_lines_come_whole_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "log"
    writer = LogWriter(os.open(file, os.O_WRONLY | os.O_CREAT))
    lines = [f"{number}\n".encode() for number in range(4000)]
    for line in lines:
        writer.write(line)
    writer.finish()
    assert file.read_bytes() == b"".join(lines)


def test_a_reader_that_hangs_costs_no_time_and_bounded_room(pipe: Pipe, tmp_path: Path) -> None:
    """The writer drops lines that the queue does not hold, the newest first, and counts them from the beginning."""
    pipe.fill()
    writer = LogWriter(opened(tmp_path / "pipe"), most_waiting=10)
    counted: list[int] = []
    began = time.monotonic()
    for number in range(1000):
        writer.write(f"{number}\n".encode())
        if number == 500:
            writer.count_dropped(counted.append)
    assert time.monotonic() - began < 1
    assert 989 <= sum(counted) <= 990  # the thread may hold one
    writer.finish(0.1)
    assert time.monotonic() - began < 2
    pipe.read()
    pipe.read()


def test_a_reader_that_comes_back_gets_the_lines_that_waited(pipe: Pipe, tmp_path: Path) -> None:
    pipe.fill()
    writer = LogWriter(opened(tmp_path / "pipe"))
    writer.write(b"first\nsecond\n")
    read = pipe.read()  # the lines too, where the writer was quick
    writer.finish()
    assert (read + pipe.read()).strip() == b"first\nsecond"


def test_a_pipe_that_does_not_block_is_waited_for(pipe: Pipe, tmp_path: Path) -> None:
    """Whoever shares it may have made it so; a line longer than its room is not torn."""
    descriptor = opened(tmp_path / "pipe")
    os.set_blocking(descriptor, False)
    pipe.fill()
    writer = LogWriter(descriptor)
    counted: list[int] = []
    writer.count_dropped(counted.append)
    long = b"x" * 3 * PAGE + b"\n"
    writer.write(long)
    read = b""
    while len(read.lstrip(b"\n")) < len(long):
        read += pipe.read()
    assert read.lstrip(b"\n") == long
    assert counted == [0]
    writer.finish()


def test_a_line_after_half_a_one_begins_on_a_line_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk takes what there is room for; later there may be room again."""
    file = tmp_path / "log"
    writer = LogWriter(os.open(file, os.O_WRONLY | os.O_CREAT))
    write = os.write
    room = iter((3, 0))

    def into_little_room(descriptor: int, text: bytes) -> int:
        left = next(room, len(text))
        if not left:
            raise OSError(28, os.strerror(28))
        return write(descriptor, text[:left])

    monkeypatch.setattr(os, "write", into_little_room)
    counted: list[int] = []
    writer.count_dropped(counted.append)
    for line in (b"first\n", b"second\n", b"third\n"):
        writer.write(line)
    writer.finish()
    assert file.read_bytes() == b"fir\nsecond\nthird\n"
    assert sum(counted) == 1

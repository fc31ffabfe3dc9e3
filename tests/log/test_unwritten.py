"""The log can't be written: the worker works on, tells how it is, and ends as it should."""

from __future__ import annotations

import os
from http import HTTPStatus
from itertools import islice
from pathlib import Path

from tests.log.pipes import Pipe
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import events
from tests.stage.workers import WorkerProcess

DROPPED = "salesplan_log_lines_dropped_total"
EVENTS = 300


async def test_the_disk_is_full(stage: Stage) -> None:
    """Lines are dropped, and counted."""
    worker = stage.start(redirection="2>/dev/full")
    await works(stage, worker)
    assert (await worker.metrics()).value(DROPPED) > 0
    await stage.finish()


async def test_stderr_is_closed(stage: Stage) -> None:
    """Its descriptor does not go to a socket, over which the log would reach a server."""
    worker = stage.start(redirection="0<&- 1>&- 2>&-")
    await works(stage, worker)
    assert [os.readlink(f"/proc/{worker.pid}/fd/{number}") for number in range(3)] == ["/dev/null"] * 3
    assert (await worker.metrics()).value(DROPPED) == 0
    await stage.finish()


async def test_the_reader_goes_away(stage: Stage, tmp_path: Path) -> None:
    """First it reads, then its pipe is broken."""
    pipe = Pipe(tmp_path / "pipe")
    worker = stage.start(redirection=pipe.redirection)
    await stage.until_ready(worker)
    assert b'"event":"session"' in pipe.read()
    pipe.leave()
    await works(stage, worker)
    assert (await worker.metrics()).value(DROPPED) > 0
    await stage.finish()


async def test_the_reader_hangs(stage: Stage, tmp_path: Path) -> None:
    """Not even the first line gets out; the probes answer all the while, and SIGTERM is heard."""
    pipe = Pipe(tmp_path / "pipe")
    pipe.fill()
    worker = stage.start(redirection=pipe.redirection)
    await works(stage, worker)
    await stage.finish()
    pipe.leave()


async def test_the_reader_hangs_and_the_worker_has_to_tell_why_it_ends(stage: Stage, tmp_path: Path) -> None:
    """A line about the end is a line like others."""
    pipe = Pipe(tmp_path / "pipe")
    pipe.fill()
    worker = stage.start(redirection=pipe.redirection, SALESPLAN_OPS__HOST="192.0.2.1")
    assert await worker.ends() == 78
    pipe.leave()


async def test_the_last_words_follow_the_log(stage: Stage) -> None:
    """They come whole and in order: all of it goes the same way."""
    worker = stage.start(SALESPLAN_OPS__HOST="192.0.2.1", SALESPLAN_LOG__LEVEL="debug")
    assert await worker.ends() == 78
    assert worker.tail(1).startswith("The probes: can't listen on 192.0.2.1")


async def works(stage: Stage, worker: WorkerProcess) -> None:
    """All that is sent is handled as it should be, and the worker says that it lives."""
    await stage.send(islice(events(dice(1704), EVENTS), EVENTS))
    await stage.until_handled()
    await stage.until_published()
    assert await worker.probe("/livez") == HTTPStatus.OK

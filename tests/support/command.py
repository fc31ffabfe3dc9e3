"""Runs ``salesplan`` as an operator does: in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.stage.environment import outside


class Result(NamedTuple):
    """The result of a command: its exit code, and its output."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def salesplan(environment: Mapping[str, str], *words: str, text: str = "") -> Result:
    """In a process of its own, with this environment and no other; ``text`` is what it reads."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", *words),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await process.communicate(text.encode())
    finally:
        if process.returncode is None:  # whoever waited for it has lost patience
            process.kill()
            await process.wait()
    return Result(process.returncode or 0, out.decode(), err.decode())


async def salesplan_on(dsn: str, *words: str, text: str = "", **more: str) -> Result:
    """Run it as above, with a database and the variables of ``more``; nothing else of ours comes from outside."""
    return await salesplan({**outside(), "DATABASE_URL": dsn, **more}, *words, text=text)

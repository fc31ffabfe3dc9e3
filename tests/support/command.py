"""Runs ``salesplan`` as an operator does."""

import asyncio
import sys
from collections.abc import Mapping
from typing import NamedTuple


class Result(NamedTuple):
    """Of a command: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


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

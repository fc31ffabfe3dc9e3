"""`salesplan console` as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

HEADS, MANAGERS = "SALESPLAN_CONSOLE__HEADS_DATABASE_URL", "SALESPLAN_CONSOLE__MANAGERS_DATABASE_URL"
PROXIES = "SALESPLAN_CONSOLE__PROXIES"


class Ended(NamedTuple):
    code: int | None
    stderr: str


class Started(NamedTuple):
    process: asyncio.subprocess.Process
    pages: str
    probes: str


def given(heads: str, managers: str, **further: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SALESPLAN_", "PG", "DATABASE"))}
    ports = {"SALESPLAN_CONSOLE__PORT": "0", "SALESPLAN_OPS__PORT": "0", "SALESPLAN_LOG__FORMAT": "json"}
    return {**clean, **ports, HEADS: heads, MANAGERS: managers, **further}


async def start(*words: str, environment: dict[str, str]) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "worker", "console", *words)
    return await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)


async def ended(*words: str, environment: dict[str, str]) -> Ended:
    process = await start(*words, environment=environment)
    async with asyncio.timeout(60):
        _, stderr = await process.communicate()
    return Ended(process.returncode, stderr.decode())


@asynccontextmanager
async def started(*words: str, environment: dict[str, str]) -> AsyncIterator[Started]:
    process = await start(*words, environment=environment)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            found = await _told_of_start(process.stderr)
        yield Started(process, *(f"http://127.0.0.1:{found[port]}" for port in ("port", "probes_port")))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _told_of_start(stderr: asyncio.StreamReader) -> dict[str, object]:
    while line := await stderr.readline():
        found: dict[str, object] = json.loads(line)
        if found["event"] == "console_started":
            return found
    raise AssertionError("it did not start")

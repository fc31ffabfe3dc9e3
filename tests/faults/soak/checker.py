"""``salesplan verify``, as whoever runs the service would call it: in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from tests.faults.soak.scene import Scene
from tests.support.command import salesplan

BETWEEN_SECONDS = 150.0
SHARE = 0.1  # of the time at most
SERVERS = ("brokers", "network", "postgres")


class UndecidedError(Exception):
    """The command could not read all it needs."""


async def check_beside(scene: Scene) -> None:
    """Every few minutes while the load goes on, and while nobody takes a server away."""
    between = BETWEEN_SECONDS
    while True:
        await scene.rest(between)
        async with AsyncExitStack() as held:
            for lock in SERVERS:
                await held.enter_async_context(scene.locks[lock])
            if scene.over.is_set():
                return
            began = time.monotonic()
            await check(scene, "beside the load")
            between = max(BETWEEN_SECONDS, (time.monotonic() - began) / SHARE)


async def check(scene: Scene, when: str) -> dict[str, Any]:
    """The report; its violations are the scene's."""
    try:
        report = await verified(scene.names)
    except UndecidedError as error:
        scene.timeline.note(f"verify {when}: {error}")
        return {}
    for broken in report["violations"]:
        told = f"verify {when}: {broken['invariant']} {broken['message']} ({broken['count']}): {broken['examples']}"
        scene.timeline.violation(told)
    scene.timeline.say(f"verify {when}: {len(report['violations'])} violations, {report['events']:,} events")
    return report


async def verified(names: Mapping[str, str]) -> dict[str, Any]:
    """Raises UndecidedError."""
    ended = await salesplan(names, "verify", "--json")
    if not ended.out:
        raise UndecidedError(f"exit code {ended.code}: {ended.err[-500:]}")
    found: dict[str, Any] = ended.json
    return found

"""A network between clients and a server that goes bad when told to: silent, slow, cut, closed."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from worker.embedded.ports import HOST, free_port

PIECE = 256 * 1024
SWITCH_SECONDS = 10.0
RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)

Target = tuple[str, int] | Path  # the path is a Unix socket's
T = TypeVar("T")


class Proxy:
    """Carries what arrives at its port to the target and back.

    When a switch's method has returned, the switch is in force for every connection, old and new. While all is
    stalled the kernel still acknowledges what it is sent, so TCP's own deadlines do not strike.
    """

    def __init__(self, target: Target, loop: AbstractEventLoop) -> None:
        self.port = free_port()
        self._target = target
        self._loop = loop
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._delay = 0.0
        self._listening: Task[None] | None = None
        self._carrying: set[Task[None]] = set()
        self.heal()

    def stall(self) -> None:
        """Nothing passes any more and no connection ends; new ones are taken, and no more is heard of them."""
        self._in_loop(self._stall())

    def cut(self) -> None:
        """Resets the connections there are, on both sides."""
        self._in_loop(self._cut())

    def refuse(self) -> None:
        """New connections are refused, as where no server listens."""
        self._in_loop(self._refuse())

    def delay(self, seconds: float) -> None:
        """Each piece is held back for so long, and the next behind it."""
        self._in_loop(self._hold_back(seconds))

    def heal(self) -> None:
        """Turns every switch back; what was held up by a stall goes on its way."""
        self._in_loop(self._heal())

    def close(self) -> None:
        self.refuse()
        self.cut()

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SWITCH_SECONDS)

    def lead_to(self, target: Target) -> None:
        """Resets the connections there are; new ones are carried to this target."""
        self._target = target
        self.cut()

    async def _stall(self) -> None:
        self._flowing.clear()

    async def _hold_back(self, seconds: float) -> None:
        self._delay = seconds

    async def _heal(self) -> None:
        self._delay = 0.0
        self._flowing.set()
        if self._listening is None:
            listener = socket.create_server((HOST, self.port), backlog=128)
            listener.setblocking(False)
            self._listening = self._loop.create_task(self._listen(listener))

    async def _cut(self) -> None:
        await _cancelled(self._carrying)

    async def _refuse(self) -> None:
        if self._listening is not None:
            await _cancelled({self._listening})
            self._listening = None

    async def _listen(self, listener: socket.socket) -> None:
        with listener:
            while True:
                client, _ = await self._loop.sock_accept(listener)
                carrying = self._loop.create_task(self._carry(client))
                self._carrying.add(carrying)
                carrying.add_done_callback(self._carrying.discard)

    async def _carry(self, client: socket.socket) -> None:
        with client, _new_socket(self._target) as server:
            try:
                await self._flowing.wait()
                await self._loop.sock_connect(server, _address(self._target))
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(client, server))
                    both.create_task(self._pump(server, client))
            except BaseException as end:
                for side in (client, server):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_WHEN_CLOSED)
                if not isinstance(end, OSError | ExceptionGroup):
                    raise

    async def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        while piece := await self._loop.sock_recv(source, PIECE):
            await asyncio.sleep(self._delay)
            await self._flowing.wait()
            await self._loop.sock_sendall(sink, piece)
        await self._flowing.wait()
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxies(*targets: Target) -> Iterator[list[Proxy]]:
    """One for each target, in a thread of their own: a test that is busy does not slow them down."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="proxies", daemon=True)
    thread.start()
    started: list[Proxy] = []
    try:
        started += (Proxy(target, loop) for target in targets)
        yield started
    finally:
        for proxy in started:
            proxy.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _new_socket(target: Target) -> socket.socket:
    new = socket.socket(socket.AF_UNIX if isinstance(target, Path) else socket.AF_INET)
    new.setblocking(False)
    return new


def _address(target: Target) -> Any:
    return str(target) if isinstance(target, Path) else target


async def _cancelled(tasks: set[Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)

"""Ports for servers of our own."""

import secrets
import socket
from collections import deque

HOST = "127.0.0.1"

# Below the ports the system gives to outgoing connections: with the server down, a client that retries its
# address would otherwise one day be given that very port, connect to itself and keep the server out.
PORTS = range(15000, 32000)
MOST_HELD = 256  # each is an open file of this process

_held: deque[socket.socket] = deque()


def free_port() -> int:
    """A port for a server, which may come and go on it: it is not given again, here or to another process, before this
    one has been given hundreds more, or has ended.

    A bound socket holds it, where the system lets servers listen beside that, as Linux does; elsewhere only chance
    keeps the port.
    """
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        holder = socket.socket()
        try:
            holder.bind((HOST, port))
        except OSError:
            holder.close()
            continue
        _hold(holder, port)
        return port


def _hold(holder: socket.socket, port: int) -> None:
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # set before, it would let us share a held one
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        holder.close()
        return
    _held.append(holder)
    if len(_held) > MOST_HELD:
        _held.popleft().close()

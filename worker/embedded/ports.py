"""Chooses ports for the servers that this package starts."""

import secrets
import socket
from collections import deque

HOST = "127.0.0.1"

# These lie below the ports that the system gives to outgoing connections. Otherwise a client that retries while the
# server is down could get the server's port, connect to itself, and keep the server out.
PORTS = range(15000, 32000)
MOST_HELD = 256  # each is an open file of this process

_held: deque[socket.socket] = deque()


def free_port() -> int:
    """A free port for a server, which may stop and start on it.

    Neither this process nor another one gets the port again, until this process ends or has taken hundreds of others.
    A bound socket holds the port if the system lets a server listen beside it, as Linux does. Elsewhere the port is
    free by chance only.
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
    # Only now: before `bind` this option would let us take a port that another process holds.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        holder.close()
        return
    _held.append(holder)
    if len(_held) > MOST_HELD:
        _held.popleft().close()

"""Ports for servers of our own."""

import secrets
import socket
import sys
from contextlib import suppress

HOST = "127.0.0.1"

# Below the ports the system gives to outgoing connections: with the server down, a client that retries its
# address would otherwise one day be given that very port, connect to itself and keep the server out.
PORTS = range(15000, 32000)

_held: list[socket.socket] = []


def free_port() -> int:
    """A port that no other call is given, in any process, while this process lives; also with its server down.

    On Linux a bound socket keeps it, and lets those listen that allow for reuse, as servers do. Elsewhere nobody
    could listen beside it, and only chance keeps the port.
    """
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        holder = socket.socket()
        with suppress(OSError):
            holder.bind((HOST, port))
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # set before, it would let us share a held one
            if sys.platform == "linux":
                _held.append(holder)
            else:
                holder.close()
            return port
        holder.close()

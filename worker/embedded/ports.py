"""Ports for servers of our own."""

import secrets
import socket
from contextlib import suppress

HOST = "127.0.0.1"

# Below the ports the system gives to outgoing connections: with the server down, a client that retries its
# address would otherwise one day be given that very port, connect to itself and keep the server out.
PORTS = range(15000, 32000)


def free_port() -> int:
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port

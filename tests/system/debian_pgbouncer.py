"""PgBouncer out of Debian's package, between a test and a server of its own."""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.users import unprivileged
from worker.embedded import Postgres
from worker.embedded.ports import HOST, free_port
from worker.embedded.process import ServerProcess

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
USER = "nobody"  # PgBouncer refuses to run as root
START_SECONDS = 30

# Whoever names a user of the server is let in; the server lets everybody in.
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = {host}
listen_port = {listens}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = {mode}
default_pool_size = {size}
ignore_startup_parameters = {ignored}
application_name_add_host = 1
"""


@contextmanager
def pgbouncer(
    folder: Path, server: Postgres, mode: str, *, ignored: str = "", size: int = 40, users: tuple[str, ...] = ()
) -> Iterator[str]:
    """Give the address of the server by way of a pooler, for the length of the block."""
    if not Path(PROGRAM).exists():
        pytest.fail("needs the system's PgBouncer: apt-get install pgbouncer (or run the parts that can be run: "
                    "make test-system ONLY=vanished)", pytrace=False)  # fmt: skip
    listens = free_port()
    names = folder / "users"
    names.write_text("".join(f'"{name}" ""\n' for name in ("postgres", *users)))
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=HOST, port=server.port, listens=listens, users=names, mode=mode, size=size, ignored=ignored
        )
    )
    process = ServerProcess([PROGRAM, settings], log=folder / "pgbouncer.log", user=unprivileged(USER))
    try:
        process.wait_until(lambda: _listens(listens), START_SECONDS)
        yield server.tcp_dsn(port=listens)
    finally:
        process.stop(signal.SIGTERM)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True

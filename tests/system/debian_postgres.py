"""The system's own PostgreSQL, which unlike the embedded one speaks TLS, and certificates to try it with."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.system.users import unprivileged
from worker.embedded import scratch_folder
from worker.embedded.ports import HOST, free_port
from worker.embedded.process import ServerProcess

PROGRAMS = Path("/usr/lib/postgresql")
USER = "postgres"
START_SECONDS = 30
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1")


class TlsPostgres:
    """A server that lets nobody in over the network without TLS and a password."""

    def __init__(self, folder: Path, port: int, ca: Path) -> None:
        self.folder = folder
        self.port = port
        self.ca = ca

    @property
    def owner_dsn(self) -> str:
        """Over the socket, with no password."""
        return f"postgresql://{USER}@/postgres?host={quote(str(self.folder))}&port={self.port}"

    def dsn(self, user: str, password: str, host: str = "localhost", **parameters: object) -> str:
        """Over the network, everything checked, where ``parameters`` say nothing else."""
        asked = {"sslmode": "verify-full", "sslrootcert": self.ca, **parameters}
        query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
        return f"postgresql://{user}:{password}@{host}:{self.port}/postgres?{query}"


@contextmanager
def tls_postgres() -> Iterator[TlsPostgres]:
    """A new server whose certificate is for ``localhost``, for the length of the block."""
    programs = _programs()
    with scratch_folder() as folder:
        user = unprivileged(USER)
        ca = authority(folder / "ca")
        _run("openssl", "req", "-x509", *KEY, "-CA", ca, "-CAkey", ca.with_suffix(".key"), "-subj", "/CN=server",
             "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
             "-keyout", folder / "server.key", "-out", folder / "server.pem")  # fmt: skip
        if user:
            for path in (folder, folder / "server.key", folder / "server.pem"):
                os.chown(path, *user)
        data = folder / "data"
        _run(programs / "initdb", f"--pgdata={data}", f"--username={USER}", "--auth-local=trust",
             "--auth-host=reject", "--encoding=UTF8", "--no-sync", user=user)  # fmt: skip
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all all scram-sha-256\n")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"ssl = on\nssl_cert_file = '{folder}/server.pem'\nssl_key_file = '{folder}/server.key'\n")
        server = TlsPostgres(folder, free_port(), ca)
        where = ("-D", data, "-k", folder, "-h", HOST, "-p", str(server.port))
        process = ServerProcess(
            [programs / "postgres", *where],
            log=folder / "log",
            user=user,
            orphaned=signal.SIGQUIT,
        )
        try:
            process.wait_until(lambda: "ready" in _status(data), START_SECONDS)
            yield server
        finally:
            process.stop(signal.SIGINT)


def authority(path: Path) -> Path:
    """A new certificate authority at ``path``.pem, its key beside it."""
    pem = path.with_suffix(".pem")
    _run("openssl", "req", "-x509", *KEY, "-subj", "/CN=authority", "-keyout", path.with_suffix(".key"), "-out", pem)
    return pem


def _programs() -> Path:
    found = sorted(PROGRAMS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail("needs the system's PostgreSQL: apt-get install postgresql (or run the parts that can be run: "
                    "make test-system ONLY=vanished)", pytrace=False)  # fmt: skip
    return found[-1].parent


def _status(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7]
    except (FileNotFoundError, IndexError):
        return ""


def _run(*command: str | Path, user: tuple[int, int] | None = None) -> None:
    uid, gid = user or (None, None)
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, user=uid, group=gid, cwd="/"
    )
    assert done.returncode == 0, done.stderr

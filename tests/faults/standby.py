"""A PostgreSQL server that follows another and can take its place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from worker.embedded import Postgres

ATTACHED_SECONDS = 30.0
LOOK_PAUSE = 0.05
# With the default of five seconds a promotion takes five too, now and then.
LOOK_AGAIN = "wal_retrieve_retry_interval = '200ms'\n"
ATTACHED = "select count(*) from pg_stat_replication where sync_state = 'quorum' and state = 'streaming'"


class Standby(Postgres):
    """A copy that streams whatever its primary writes; readable from the start, writable once promoted."""

    def __init__(self, folder: Path, primary: Postgres, *, listen: bool = False) -> None:
        super().__init__(folder, listen=listen)
        self._primary = primary

    @classmethod
    def follow(cls, primary: Postgres, folder: Path, *, listen: bool = False) -> Self:
        standby = cls(folder.resolve(), primary, listen=listen)
        standby.begin()
        return standby

    def create(self, data: Path) -> None:
        self.execute(
            "pg_basebackup",
            f"--pgdata={data}",
            f"--dbname={self._primary.dsn()}",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        )
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(LOOK_AGAIN)

    def promote(self) -> None:
        """Returns once it takes writes. It waits for no standby of its own, whatever its primary did."""
        _ask(self, "alter system reset synchronous_standby_names")
        _ask(self, "select pg_reload_conf()")
        _ask(self, "select pg_promote()")


def wait_for_standby(primary: Postgres) -> None:
    """From now on a commit is answered only when a standby has it on disk too; without one it hangs."""
    _ask(primary, "alter system set synchronous_standby_names = 'ANY 1 (*)'")
    _ask(primary, "select pg_reload_conf()")
    deadline = time.monotonic() + ATTACHED_SECONDS
    while _ask(primary, ATTACHED) == "0":
        assert time.monotonic() < deadline, "no standby follows"
        time.sleep(LOOK_PAUSE)


def _ask(server: Postgres, statement: str) -> str:
    return server.execute("psql", server.dsn(), "--no-psqlrc", "--tuples-only", "--no-align", "-c", statement).strip()

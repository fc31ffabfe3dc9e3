"""Runs Apache Kafka and PostgreSQL as child processes, without Docker, for the demo and the tests."""

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from worker.embedded.kafka import Kafka
from worker.embedded.orphans import when_orphaned
from worker.embedded.postgres import Postgres

__all__ = ["Kafka", "Postgres", "scratch_folder", "servers"]

# Servers that are still ending may write to the folder for a while.
REMOVE_IT = 'for _ in 1 2 3 4 5 6; do sleep 1; rm -rf "$1"; done'


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's user can reach too. The default mode of mkdtemp would shut it out."""
    folder = Path(tempfile.mkdtemp(prefix="salesplan-"))
    cancel_removal = when_orphaned(REMOVE_IT, str(folder))
    try:
        folder.chmod(0o711)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        cancel_removal()


@contextmanager
def servers() -> Iterator[tuple[Kafka, Postgres]]:
    """Both servers, started at the same time in a scratch folder. They are stopped also after an error."""
    with scratch_folder() as folder, ExitStack() as started:
        with ThreadPoolExecutor(2) as pool:
            postgres_start = pool.submit(Postgres.start, folder / "postgres")
            kafka_start = pool.submit(Kafka.start, folder / "kafka")
        for start in (postgres_start, kafka_start):
            if start.exception() is None:
                started.callback(start.result().stop)
        yield kafka_start.result(), postgres_start.result()

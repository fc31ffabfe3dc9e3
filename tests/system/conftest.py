"""A server of the test's own, for what no other test bears."""

from collections.abc import Iterator

import pytest

from worker.embedded import Postgres, scratch_folder
from worker.postgres.migrate import migrate


@pytest.fixture
def tcp_postgres() -> Iterator[Postgres]:
    """Migrated; it takes connections over TCP."""
    with scratch_folder() as folder:
        postgres = Postgres.start(folder, listen=True)
        migrate(postgres.dsn())
        yield postgres
        postgres.stop()

"""Postgres over TLS with everything checked, as a login that needs a password; and each way that it can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import salesplan_on
from tests.system.debian_postgres import TlsPostgres, authority, tls_postgres
from worker import postgres

PASSWORD = "sesame"  # noqa: S105 -- of a server that lives for these tests
WRONG = "hunter2"


@pytest.fixture(scope="module")
def running() -> Iterator[TlsPostgres]:
    with tls_postgres() as server:
        yield server


@pytest.fixture
async def server(running: TlsPostgres) -> TlsPostgres:
    """Migrated, with a login for the owner and one that is in no role."""
    async with postgres.connected(running.owner_dsn, application_name="test") as owner:
        if not await owner.fetchval("select 1 from pg_roles where rolname = 'owning'"):
            await owner.execute(
                f"create role owning login createrole password '{PASSWORD}';"
                f"create role limited login password '{PASSWORD}';"
                "grant create on database postgres to owning"
            )
    return running


async def refused(dsn: str, *words: str) -> str:
    """The refusal: one line, exit 78, and never a password."""
    code, _, err = await salesplan_on(dsn, *words)
    assert (code, err.count("\n")) == (78, 1), err
    assert not {PASSWORD, WRONG} & set(err.replace(":", " ").split())
    return err


async def test_verify_full(server: TlsPostgres) -> None:
    """The owner migrates. The server lets nobody in over the network but with TLS and a password."""
    code, _, told = await salesplan_on(server.dsn("owning", PASSWORD), "migrate")
    assert (code, told.startswith("The database is up to date: made, at ")) == (0, True), told


@pytest.mark.parametrize("words", [("migrate",), ("plans", "list"), ("run",)])
async def test_a_wrong_password(server: TlsPostgres, words: tuple[str, ...]) -> None:
    assert await refused(server.dsn("owning", WRONG), *words) == (
        'Postgres: password authentication failed for user "owning"; '
        "see user and password in DATABASE_URL, or PGUSER and PGPASSWORD\n"
    )


@pytest.mark.parametrize("words", [("migrate",), ("run",)])
async def test_a_wrong_authority(server: TlsPostgres, tmp_path: Path, words: tuple[str, ...]) -> None:
    other = authority(tmp_path / "other")
    told = await refused(server.dsn("owning", PASSWORD, sslrootcert=other), *words)
    assert told.startswith("Postgres: the server's certificate is refused: ")
    assert "certificate" in told.partition("refused: ")[2]
    assert told.endswith("; see sslmode, sslrootcert and the host in DATABASE_URL\n")


async def test_a_wrong_host_name(server: TlsPostgres) -> None:
    told = await refused(server.dsn("owning", PASSWORD, host="127.0.0.1"), "migrate")
    assert "the server's certificate is refused: IP address mismatch, certificate is not valid for '127.0.0.1';" in told


async def test_an_authority_that_is_no_file(server: TlsPostgres, tmp_path: Path) -> None:
    """Told with all the other faults of the configuration, before any server is asked."""
    code, _, err = await salesplan_on(server.dsn("owning", PASSWORD, sslrootcert=tmp_path / "none.pem"), "migrate")
    assert (code, "DATABASE_URL: sslrootcert is no file that can be read" in err) == (78, True), err


async def test_no_tls_at_all(server: TlsPostgres) -> None:
    """The server lets nobody in without, and a client that insists on it goes to no server that has none."""
    assert "no pg_hba.conf entry" in await refused(server.dsn("owning", PASSWORD, sslmode="disable"), "migrate")
    async with postgres.connected(server.owner_dsn, application_name="test") as owner:
        await owner.execute("alter system set ssl = off")
        await owner.execute("select pg_reload_conf()")
        try:
            code, _, err = await salesplan_on(server.dsn("owning", PASSWORD), "migrate")
            assert (code, err.count("\n"), "SSL" in err) == (75, 1, True), err
        finally:
            await owner.execute("alter system reset ssl")
            await owner.execute("select pg_reload_conf()")


async def test_a_missing_grant(server: TlsPostgres) -> None:
    assert (await salesplan_on(server.dsn("owning", PASSWORD), "migrate")).code == 0
    told = await refused(server.dsn("limited", PASSWORD), "migrate")
    assert told.startswith("Postgres: schema salesplan belongs to owning: migrate as a login in that role, ")


async def test_a_server_that_is_too_old(server: TlsPostgres) -> None:
    """Without a limit for transactions, a worker's locks could outlast it."""
    async with postgres.connected(server.owner_dsn, application_name="test") as owner:
        if owner.get_server_version() >= (17,):
            pytest.skip("the system's PostgreSQL is new enough")
    told = await refused(server.dsn("owning", PASSWORD), "plans", "list")
    assert told == (
        "Postgres: the server has no transaction_timeout, which a guarantee needs: PostgreSQL 17 or newer has it\n"
    )

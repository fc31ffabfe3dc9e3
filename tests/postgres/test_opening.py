"""Where there is no way to the database, whoever asks is told where to look."""

from __future__ import annotations

import socket
from typing import NoReturn

import pytest

from worker import postgres

UNREACHED = {
    "nobody listens there": ("127.0.0.1:1", "Connect call failed ('127.0.0.1', 1)"),
    "a name that is not known": ("no-such-host.invalid", "the server's name is not known"),
}


def unknown(*_: object, **__: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("case", UNREACHED)
async def test_what_can_not_be_reached_is_said_with_where_to_look(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a single connection and for a pool, and without the password."""
    host, said = UNREACHED[case]
    if said.endswith("not known"):
        monkeypatch.setattr("socket.getaddrinfo", unknown)  # no resolver of this machine is asked
    dsn = f"postgresql://user:hunter2@{host}/database"
    for opening in (postgres.connected(dsn, application_name="x"), postgres.pool(dsn, application_name="x", size=1)):
        with pytest.raises(postgres.UnreachedError) as refused:
            await opening.__aenter__()
        assert said in str(refused.value)
        assert str(refused.value).endswith("; see host and port in DATABASE_URL, or PGHOST and PGPORT")
        assert "hunter2" not in str(refused.value)
        assert isinstance(refused.value, postgres.TROUBLE)


async def test_a_call_with_too_many_arguments_is_a_fault_of_this_program(database_url: str) -> None:
    """The client's own error is otherwise that of a connection that has ended, which a new session mends."""
    async with postgres.connected(database_url, application_name="x") as connection:
        with pytest.raises(postgres.TROUBLE) as misused:
            await connection.fetchval("select $1::int", 1, 2)
        await connection.close()
        with pytest.raises(postgres.TROUBLE) as ended:
            await connection.fetchval("select 1")
    assert postgres.is_misuse(misused.value)
    assert not postgres.is_misuse(ended.value)

"""Where the database is."""

from pathlib import Path

import pytest

from tests.settings.given import HIDDEN, faults, put
from worker.settings import load_settings


def test_the_password_file_completes_what_is_said_of_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("p&w d")
    put(monkeypatch, PGPASSWORD_FILE=str(tmp_path / "secret"))
    assert load_settings().dsn == "postgresql://?password=p%26w%20d"
    put(monkeypatch, DATABASE_URL="postgresql://u@h/d?sslmode=require")
    assert load_settings().dsn == "postgresql://u@h/d?sslmode=require&password=p%26w%20d"


@pytest.mark.parametrize(
    "url",
    [
        "h/d",
        "postgresql:/h",
        "postgresql+asyncpg://h/d",
        "postgresql://h:port/d",
        "postgresql://[h",
        "postgresql://h?port=x",
    ],
)
def test_an_address_that_the_driver_would_trip_over_is_a_fault(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    put(monkeypatch, DATABASE_URL=url, PGPORT="x")
    assert faults().keys() == {"DATABASE_URL", "PGPORT"}


@pytest.mark.parametrize(
    "url",
    ["postgres://", "postgresql://u:p:w@h1:1,h2:2/d", "postgresql://[::1]:5432/d", "postgresql:///d?host=/s&port=1"],
)
def test_an_address_that_the_driver_takes_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    put(monkeypatch, DATABASE_URL=url)
    assert load_settings().dsn == url


@pytest.mark.parametrize("from_url", [True, False])
def test_files_of_the_connection_to_postgres_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, from_url: bool
) -> None:
    """A parameter of the address goes before the variable, as it does for the client."""
    ca, none = tmp_path / "ca.pem", tmp_path / "none.pem"
    ca.touch()
    url = f"postgresql://u:{HIDDEN}@h/d?sslmode=verify-full"
    if from_url:
        put(monkeypatch, DATABASE_URL=f"{url}&sslrootcert={none}", PGSSLROOTCERT=str(ca))
        assert faults() == {"DATABASE_URL": "sslrootcert is no file that can be read"}
        put(monkeypatch, DATABASE_URL=f"{url}&sslrootcert={ca}", PGSSLROOTCERT=str(none))
    else:
        put(monkeypatch, DATABASE_URL=url, PGSSLROOTCERT=str(none), PGSSLKEY=str(tmp_path))
        assert faults() == {
            "PGSSLROOTCERT": "sslrootcert is no file that can be read",
            "PGSSLKEY": "sslkey is no file that can be read",
        }
        put(monkeypatch, PGSSLROOTCERT=str(ca), PGSSLKEY=str(ca))
    assert load_settings().dsn

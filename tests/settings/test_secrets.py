"""Secrets: from a variable or a file, and in no text."""

from pathlib import Path

import pytest

from tests.settings.given import HIDDEN, TOKENS, faults, put
from worker.settings import load_settings

SECRETS = ["DATABASE_URL", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "PGPASSWORD"]


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{HIDDEN}\n")
    put(
        monkeypatch,
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_SASL_MECHANISM="scram-sha-512",
        KAFKA_SASL_USERNAME="u",
        KAFKA_SASL_PASSWORD_FILE=str(file),
    )
    settings = load_settings()
    assert settings.kafka.sasl_password is not None
    assert settings.kafka.sasl_password.get_secret_value() == HIDDEN
    assert HIDDEN not in repr(settings)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_is_one_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    file.write_text("postgresql://h")
    put(monkeypatch, **{name: "postgresql://h", f"{name}_FILE": str(file)})
    if name.startswith("KAFKA_SASL_OAUTHBEARER"):
        put(monkeypatch, **{**TOKENS, name: "postgresql://h"})
    elif name.startswith("KAFKA"):
        put(monkeypatch, KAFKA_SECURITY_PROTOCOL="SASL_SSL", KAFKA_SASL_MECHANISM="PLAIN", KAFKA_SASL_USERNAME="u")
    assert faults() == {f"{name}_FILE": f"is set and so is {name}: leave one of them out"}


def test_a_secrets_file_must_hold_something(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    put(monkeypatch, DATABASE_URL_FILE=str(tmp_path / "empty"), PGPASSWORD_FILE=str(tmp_path / "none"))
    assert faults().keys() == {"DATABASE_URL_FILE", "PGPASSWORD_FILE"}


def test_a_secret_whose_file_is_at_fault_is_not_also_told_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        monkeypatch,
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_SASL_MECHANISM="PLAIN",
        KAFKA_SASL_USERNAME="u",
        KAFKA_SASL_PASSWORD_FILE="/nowhere",  # noqa: S106 -- a path, not a password
    )
    assert faults() == {"KAFKA_SASL_PASSWORD_FILE": "is no file that can be read"}


def test_a_password_that_was_changed_in_its_file_is_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address is asked for at each connection. While the file is empty, what was read at the start counts."""
    file = tmp_path / "password"
    file.write_text("old\n")
    put(monkeypatch, DATABASE_URL="postgresql://shop@host/shop", PGPASSWORD_FILE=str(file))
    settings = load_settings()
    assert settings.dsn == "postgresql://shop@host/shop?password=old"
    file.write_text("ne&w\n")
    assert settings.dsn == "postgresql://shop@host/shop?password=ne%26w"
    file.write_text("")
    assert settings.dsn == "postgresql://shop@host/shop?password=old"
    file.unlink()
    assert settings.dsn == "postgresql://shop@host/shop?password=old"


def test_so_is_a_whole_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It stays as it was while the file holds no address."""
    file = tmp_path / "address"
    file.write_text("postgresql://shop:old@host/shop\n")
    put(monkeypatch, DATABASE_URL_FILE=str(file))
    settings = load_settings()
    for text, expected in (("postgresql://shop:new@other/shop", ""), ("rubbish", "postgresql://shop:old@host/shop")):
        file.write_text(text)
        assert settings.dsn == (expected or text)

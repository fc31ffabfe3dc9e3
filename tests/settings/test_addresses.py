"""Addresses of IPv6 in the settings."""

from urllib.parse import unquote

import pytest

from tests.settings.given import faults, put
from worker.settings import load_settings
from worker.settings.postgres import resolve

# DATABASE_URL, PGHOST, and what asyncpg is given.
ADDRESSES = [
    (None, None, None),
    (None, "db.example.com", None),
    (None, "::1", "postgresql://?host=[::1]"),
    (None, "127.0.0.1,fe80::1%eth0", "postgresql://?host=127.0.0.1,[fe80::1%25eth0]"),
    (None, "[::1]", None),
    (None, "/run/postgresql", None),
    ("postgresql://u@h/d", "::1", "postgresql://u@h/d"),
    ("postgresql://u@[::1]:5432/d", "::2", "postgresql://u@[::1]:5432/d"),
    ("postgresql://u@/d", "::1", "postgresql://u@/d?host=[::1]"),
    ("postgresql:///d?host=::1&port=5433", None, "postgresql:///d?host=[::1]&port=5433"),
    ("postgresql:///d?host=h&port=5433", "::1", "postgresql:///d?host=h&port=5433"),
]


@pytest.mark.parametrize(("url", "host", "given"), ADDRESSES)
def test_hosts_of_postgres_need_no_brackets(
    monkeypatch: pytest.MonkeyPatch, url: str | None, host: str | None, given: str | None
) -> None:
    """As libpq takes them; asyncpg takes what follows a colon for a port."""
    put(monkeypatch, **({"PGHOST": host} if host else {}))
    found = resolve(url)
    assert found.faults == ()
    assert found.url == given if given is None else unquote(found.url or "") == unquote(given)


def test_the_host_of_the_environment_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PGHOST="::1")
    assert unquote(load_settings().dsn or "") == "postgresql://?host=[::1]"


@pytest.mark.parametrize("servers", ["[::1]:9092", "[2001:db8::7]:9092,kafka:9092"])
def test_brokers_have_brackets(monkeypatch: pytest.MonkeyPatch, servers: str) -> None:
    put(monkeypatch, KAFKA_BOOTSTRAP_SERVERS=servers)
    assert load_settings().kafka.bootstrap_servers == servers


def test_a_broker_without_brackets_is_told_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, KAFKA_BOOTSTRAP_SERVERS="::1:9092")
    assert "of IPv6 [::1]:9092" in faults()["KAFKA_BOOTSTRAP_SERVERS"]


@pytest.mark.parametrize(("host", "kept"), [("::", "::"), ("[::1]", "::1"), ("10.0.0.7", "10.0.0.7"), ("a.b", "a.b")])
def test_the_probes_listen_on_an_address(monkeypatch: pytest.MonkeyPatch, host: str, kept: str) -> None:
    put(monkeypatch, SALESPLAN_OPS__HOST=host)
    assert load_settings().ops.host == kept


@pytest.mark.parametrize("host", ["[::]:8081", "10.0.0.7:8081", "::1::"])
def test_the_probes_port_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    put(monkeypatch, SALESPLAN_OPS__HOST=host)
    assert faults().keys() == {"SALESPLAN_OPS__HOST"}

"""Parameters of libpq in the address, in a service file and in variables."""

import os
from pathlib import Path

import pytest

from tests.settings.given import HIDDEN, faults, put
from tests.stage.environment import outside
from tests.support.command import salesplan
from worker.settings import load_settings
from worker.settings.libpq import PARAMETERS
from worker.settings.postgres import AUTHORITIES, MALFORMED, TRANSLATED, UNNAMED

WHERE = "postgresql://u@h/d"
# All that libpq of PostgreSQL 18 takes, by its documentation.
LIBPQ = """
    host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout client_encoding
    options application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout replication gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey
    sslkeylogfile sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version
    ssl_max_protocol_version min_protocol_version max_protocol_version krbsrvname gsslib gssdelegation scram_client_key
    scram_server_key service servicefile target_session_attrs load_balance_hosts oauth_issuer oauth_client_id
    oauth_client_secret oauth_scope
"""
LEFT_OUT = [
    "channel_binding=require",
    "connect_timeout=3",
    "keepalives=1&keepalives_idle=60&keepalives_interval=10&keepalives_count=3",
    "tcp_user_timeout=9000",
    "gssencmode=disable",
    "pgbouncer=true",
    "application_name=shop",
    "load_balance_hosts=random",
    "client_encoding=LATIN1",
    "sslsni=1",
    "replication=false",
]
REFUSED = {
    "require_auth=scram-sha-256": "require_auth can't be demanded: leave it out, and have TLS prove who the server is "
    "(sslmode=verify-full)",
    "gssencmode=require": "gssencmode must be disable: encryption is by TLS (sslmode=verify-full)",
    "target_session_attrs=standby": "target_session_attrs must be read-write, or left out: this program writes",
    "replication=database": "replication must be left out: a replication connection runs no statements",
    "sslmode=no-verify": "sslmode must be disable, allow, prefer, require, verify-ca or verify-full",
    "sslmode=prefer&sslnegotiation=direct": "sslnegotiation=direct needs sslmode=verify-full, or require",
    "sslmode=require&sslrootcert=system": "sslmode must be verify-full with sslrootcert=system",
    "sslcrl=/nowhere": "sslcrl is no file that can be read",
    "hostaddr=10.0.0.1": "hostaddr must be left out: the address is given as the host",
    "min_protocol_version=3.2": "min_protocol_version must be 3.0, or left out",
    "ssl_min_protocol_version=1.2": "ssl_min_protocol_version must be like TLSv1.2",
    "host=a,b&port=1,2,3": "port must be one port, or one for each host",
    "work_mem=8MB": "work_mem is no parameter: leave it out (a setting of the session goes into options)",
    "aplication_name=x": "aplication_name is no parameter; did you mean application_name?",
    "sslmode": UNNAMED,
}
# Each character as it stands in a password, on either side of text that could be taken for a port.
RAW_PASSWORDS = [
    f"{before}{mark}{HIDDEN}" for mark in ("#", "/", "?", "[", "@", "%", "]") for before in ("x", "12", "")
]


def test_every_parameter_of_libpq_has_an_answer() -> None:
    assert set(LIBPQ.split()) <= PARAMETERS.keys() | TRANSLATED.keys()


@pytest.mark.parametrize("query", LEFT_OUT)
def test_what_is_harmless_is_left_out_with_a_note(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    put(monkeypatch, DATABASE_URL=f"{WHERE}?sslmode=require&{query}")
    settings = load_settings()
    assert settings.dsn == f"{WHERE}?sslmode=require"
    names = [field.partition("=")[0] for field in query.split("&")]
    assert [note.partition(" is left out: ")[0] for note in settings.notes] == [
        f"DATABASE_URL: {name}" for name in names
    ]


@pytest.mark.parametrize("query", REFUSED)
def test_what_can_not_be_had_is_a_fault(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    where = "postgresql://" if query.startswith("host=") else WHERE
    put(monkeypatch, DATABASE_URL=f"{where}?{query}")
    assert faults() == {"DATABASE_URL": REFUSED[query]}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PGREQUIREAUTH", "none"),
        ("PGSSLMODE", "no-verify"),
        ("PGTARGETSESSIONATTRS", "read-only"),
        ("PGGSSENCMODE", "require"),
        ("PGSSLCRL", "/nowhere"),
        ("PGSERVICE", "nowhere"),
        ("PGCHANNELBINDING", "always"),
    ],
)
def test_so_it_is_in_a_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    put(monkeypatch, **{"DATABASE_URL": WHERE, variable: value})
    assert faults().keys() == {variable}


def test_variables_that_the_client_does_not_read_count(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PGHOSTADDR="10.0.0.1", PGOPTIONS="-c work_mem=8MB", PGCONNECT_TIMEOUT="3", PGUSER="u")
    settings = load_settings()
    assert settings.dsn == "postgresql://?options=-c%20work_mem%3D8MB&host=10.0.0.1"
    assert [note.partition(":")[0] for note in settings.notes] == ["PGCONNECT_TIMEOUT"]


def test_a_service_is_looked_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Which the client does for an address only, and passes over where there is none of the name."""
    file = tmp_path / "services"
    file.write_text("[shop]\nhost=db.example\nuser=seller\npassword=a%b\nchannel_binding=require\nsslmode=require\n")
    put(monkeypatch, PGSERVICE="shop", PGSERVICEFILE=str(file))
    settings = load_settings()
    assert settings.dsn == "postgresql://?host=db.example&user=seller&password=a%25b&sslmode=require"
    assert settings.names_database
    put(monkeypatch, PGSERVICE="", DATABASE_URL=f"{WHERE}?service=shop&user=me&servicefile={file}")
    dsn = "postgresql://u@h/d?host=db.example&user=me&password=a%25b&sslmode=require"
    assert load_settings().dsn == dsn
    file.write_text("[shop]\nhost=db.example\nhots=db.example\n")
    assert faults() == {"DATABASE_URL": f"in {file}: hots is no parameter; did you mean host?"}


def test_the_authorities_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """With them, the server has to be who it says."""
    if not any(map(os.path.isfile, AUTHORITIES)):
        pytest.skip("this system has no file of authorities in a usual place")
    put(monkeypatch, DATABASE_URL=f"{WHERE}?sslrootcert=system")
    dsn = load_settings().dsn or ""
    assert dsn.startswith(f"{WHERE}?sslrootcert=%2F")
    assert dsn.endswith("&sslmode=verify-full")


def test_ssl_true_is_the_word_of_others_for_sslmode_require(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, DATABASE_URL=f"{WHERE}?ssl=true")
    assert load_settings().dsn == f"{WHERE}?sslmode=require"


def test_a_plus_is_a_plus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client would take it for a space."""
    put(monkeypatch, DATABASE_URL=f"{WHERE}?password=a+b&pgbouncer=true")
    assert load_settings().dsn == f"{WHERE}?password=a%2Bb"


@pytest.mark.parametrize("password", RAW_PASSWORDS)
def test_a_password_that_is_not_encoded_is_told_how_to_be(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """And nothing of it is shown, nor taken for something else."""
    put(monkeypatch, DATABASE_URL=f"postgresql://u:{password}@h/d")
    found = faults()
    assert found in ({"DATABASE_URL": MALFORMED}, {"DATABASE_URL": UNNAMED})
    put(monkeypatch, DATABASE_URL=f"{WHERE}?sslmode=require&password=a&{HIDDEN}=1")
    assert faults() == {"DATABASE_URL": UNNAMED}


async def test_config_check_tells_of_both() -> None:
    environment = {**outside(), "DATABASE_URL": f"{WHERE}?channel_binding=require"}
    ran = await salesplan(environment, "config", "check")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "note: DATABASE_URL: channel_binding is left out: the client can't bind; sslmode=verify-full with "
        "sslrootcert=system proves who the server is",
        "The configuration is in order.",
    ]
    environment["DATABASE_URL"] += "&require_auth=none"
    for words in (["config", "check"], ["run"], ["migrate"], ["plans", "list"], ["topics", "check"]):
        ran = await salesplan(environment, *words)
        assert (ran.code, ran.err.count("DATABASE_URL: require_auth can't be demanded")) == (78, 1), words

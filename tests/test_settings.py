"""Settings: read from the environment, with every fault at once and no secret in any text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from worker.settings import ConfigError, load_settings

HIDDEN = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SALESPLAN_", "KAFKA_", "PG", "DATABASE_URL", "OTEL_")):
            monkeypatch.delenv(name)


def put(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def faults() -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert HIDDEN not in str(caught.value)
    assert HIDDEN not in repr(caught.value)
    return dict(caught.value.faults)


def test_without_any_variable_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings.kafka.bootstrap_servers == "localhost:9092"
    assert settings.topics.inputs == {
        "subscription": "subscription",
        "order": "order",
        "failed-payment": "failed-payment",
        "paid": "paid",
        "manager-contact": "manager-contact",
    }
    assert settings.dsn is None
    assert not settings.names_database


def test_a_variable_sets_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        monkeypatch,
        KAFKA_GROUP_ID="sales",
        SALESPLAN_TOPICS__FAILED_PAYMENT="shop.failed",
        SALESPLAN_LOG__LEVEL="DEBUG",
        SALESPLAN_OPS__ENABLED="false",
        SALESPLAN_SLOT__LEASE_SECONDS="3.5",
        DATABASE_URL="postgresql://u@h/d",
    )
    settings = load_settings()
    assert settings.kafka.group_id == "sales"
    assert settings.topics.inputs["shop.failed"] == "failed-payment"
    assert settings.topics.dead_letters("shop.failed") == "dlq.shop.failed"
    assert settings.log.level == "debug"
    assert not settings.ops.enabled
    assert settings.slot.lease_seconds == 3.5
    assert settings.dsn == "postgresql://u@h/d"
    assert settings.names_database


def test_a_variable_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, SALESPLAN_OPS__PORT="", DATABASE_URL="", KAFKA_SASL_PASSWORD="", KAFKA_SASL_PASSWORD_FILE="")
    assert load_settings().ops.port == 8081


def test_all_faults_are_told_at_once_by_the_names_of_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        monkeypatch,
        SALESPLAN_LOG__LEVL="info",
        SALESPLAN_SLOT__LEASE_SECONDS="99",
        SALESPLAN_INTAKE__MAX_BATCH="many",
        SALESPLAN_TOPICS__PAID="order",
        KAFKA_BOOTSTRAP_SERVERS="kafka",
        KAFKA_SASL_MECHANISM="KERBEROS",
        DATABASE_URL=f"mysql://root:{HIDDEN}@h/d",
    )
    assert faults().keys() == {
        "SALESPLAN_LOG__LEVL",
        "SALESPLAN_SLOT__LEASE_SECONDS",
        "SALESPLAN_INTAKE__MAX_BATCH",
        "SALESPLAN_TOPICS__PAID",
        "KAFKA_BOOTSTRAP_SERVERS",
        "KAFKA_SASL_MECHANISM",
        "DATABASE_URL",
    }


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("SALESPLAN_TOPICS__ORDERS", "SALESPLAN_TOPICS__ORDER"),
        ("SALESPLAN_LOG_LEVEL", "SALESPLAN_LOG__LEVEL"),
        ("SALESPLAN_OPS_PORT", "SALESPLAN_OPS__PORT"),
        ("SALESPLAN_KAFKA__GROUP_ID", "KAFKA_GROUP_ID"),
        ("SALESPLAN_DATABASE_URL", "DATABASE_URL"),
        ("SALESPLAN_LOG", "SALESPLAN_LOG__LEVEL"),
    ],
)
def test_a_misspelt_name_is_a_fault_that_names_the_one_meant(
    monkeypatch: pytest.MonkeyPatch, misspelt: str, meant: str
) -> None:
    put(monkeypatch, **{misspelt: HIDDEN})
    assert f"did you mean {meant}?" in faults()[misspelt]


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        monkeypatch,
        SALESPLAN_PORT="tcp://10.0.0.1:8081",
        SALESPLAN_SERVICE_HOST="10.0.0.1",
        SALESPLAN_CONSOLE_SERVICE_PORT_HTTP="8080",
        SALESPLAN_PORT_8081_TCP_ADDR="10.0.0.1",
        SALESPLAN_TEST_SERVERS="embedded",
    )
    load_settings()


@pytest.mark.parametrize("protocol", ["SASL_SSL", "sasl_plaintext"])
def test_sasl_needs_mechanism_user_and_password(monkeypatch: pytest.MonkeyPatch, protocol: str) -> None:
    put(monkeypatch, KAFKA_SECURITY_PROTOCOL=protocol)
    assert faults().keys() == {"KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"}


def test_credentials_that_would_not_be_used_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, KAFKA_SASL_USERNAME="u", KAFKA_SASL_PASSWORD=HIDDEN, KAFKA_SSL_CAFILE=__file__)
    assert faults().keys() == {"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SSL_CAFILE"}


def test_a_pem_file_must_be_there_and_a_key_needs_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CAFILE="/nowhere.pem", KAFKA_SSL_KEYFILE=__file__)
    assert faults().keys() == {"KAFKA_SSL_CAFILE", "KAFKA_SSL_KEYFILE"}


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


def test_a_file_that_is_no_certificate_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found when it is read, and not when brokers refuse it."""
    put(monkeypatch, KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CAFILE=__file__, KAFKA_SSL_CERTFILE=__file__)
    assert faults().keys() == {"KAFKA_SSL_CAFILE", "KAFKA_SSL_KEYFILE"}


def test_a_key_must_be_that_of_the_certificate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In its file or in another."""
    authority, file = trustme.CA(), tmp_path / "client.pem"
    certificate = authority.issue_cert("worker")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(file))
    put(monkeypatch, KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CERTFILE=str(file))
    load_settings()
    other = tmp_path / "other.pem"
    authority.issue_cert("worker").private_key_pem.write_to_path(str(other))
    put(monkeypatch, KAFKA_SSL_KEYFILE=str(other))
    assert faults().keys() == {"KAFKA_SSL_KEYFILE"}


TOKENS = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "oauthbearer",
    "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://tokens.example/realms/leads/token",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "worker",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET": HIDDEN,
}


def test_tokens_need_an_endpoint_and_what_to_log_in_with_there(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, **TOKENS)
    assert HIDDEN not in repr(load_settings())
    for name in list(TOKENS)[2:]:
        monkeypatch.delenv(name)
    assert faults().keys() == set(list(TOKENS)[2:])


def test_a_user_is_not_used_with_tokens_nor_a_client_without(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, **TOKENS, KAFKA_SASL_USERNAME="u", KAFKA_SASL_PASSWORD=HIDDEN)
    assert faults().keys() == {"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"}
    put(monkeypatch, KAFKA_SASL_MECHANISM="PLAIN", KAFKA_SASL_OAUTHBEARER_SCOPE="s")
    assert faults().keys() == {*list(TOKENS)[2:], "KAFKA_SASL_OAUTHBEARER_SCOPE"}


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://[::1]:8443/token", True),
        ("http://127.0.0.1:8080/token", True),
        ("http://tokens.example/token", False),
        (f"https://u:{HIDDEN}@tokens.example/", False),
        ("https://tokens.example:port/", False),
        ("https:///token", False),
        ("file:///etc/passwd", False),
        ("tokens.example", False),
        ("https://tokens.example/to ken", False),
    ],
)
def test_a_secret_is_sent_only_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, url: str, good: bool) -> None:
    put(monkeypatch, **{**TOKENS, "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": url})
    if good:
        load_settings()
    else:
        assert faults().keys() == {"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"}


@pytest.mark.parametrize("words", [("run",), ("config", "check"), ("topics", "check")])
def test_a_command_names_every_fault_at_once_and_ends_with_78(words: tuple[str, ...]) -> None:
    """One line each, on stderr, and no stack trace; no server is waited for."""
    wrong = {"SALESPLAN_LOG__LEVL": "info", "SALESPLAN_OPS__PORT": "x", "KAFKA_SSL_CAFILE": "/nowhere"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SALESPLAN_", "KAFKA_"))}
    command = [sys.executable, "-m", "worker", *words]
    ended = subprocess.run(command, env={**clean, **wrong}, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert {line.partition(":")[0] for line in ended.stderr.splitlines()[1:]} == wrong.keys()


SECRETS = ["DATABASE_URL", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "PGPASSWORD"]


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


@pytest.mark.parametrize("name", ["dlq.order", "two words", "a" * 246, "lead.assigned"])
def test_a_topic_needs_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    put(monkeypatch, SALESPLAN_TOPICS__ORDER=name, SALESPLAN_TOPICS__LEAD_ASSIGNED="lead_assigned")
    assert len(faults()) == 1


def test_topics_must_take_the_largest_value(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, SALESPLAN_INTAKE__MAX_VALUE_BYTES="20000000")
    assert faults().keys() == {"SALESPLAN_INTAKE__MAX_MESSAGE_BYTES"}


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


@pytest.mark.parametrize(
    ("variables", "traced"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "sales"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318", "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
    ],
)
def test_traces_are_wanted_where_somebody_says_where_to(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], traced: bool
) -> None:
    put(monkeypatch, **variables)
    assert load_settings().traced is traced


def test_traces_go_by_http_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"OTEL_TRACES_EXPORTER": "jaeger", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    put(monkeypatch, **wrong)
    assert faults().keys() == wrong.keys()
    put(monkeypatch, OTEL_SDK_DISABLED="true")
    load_settings()

"""Variables by name: defaults, misspelt ones, and every fault at once."""

import pytest

from tests.settings.given import HIDDEN, faults, put
from tests.stage.environment import outside
from tests.support.command import salesplan
from worker.settings import load_settings


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


@pytest.mark.parametrize("words", [("run",), ("config", "check"), ("topics", "check")])
async def test_a_command_names_every_fault_at_once_and_ends_with_78(words: tuple[str, ...]) -> None:
    """One line each, on stderr, and no stack trace; no server is waited for."""
    wrong = {"SALESPLAN_LOG__LEVL": "info", "SALESPLAN_OPS__PORT": "x", "KAFKA_SSL_CAFILE": "/nowhere"}
    ended = await salesplan({**outside(), **wrong}, *words)
    assert (ended.code, ended.out) == (78, "")
    assert {line.partition(":")[0] for line in ended.err.splitlines()[1:]} == wrong.keys()

"""What the tests of settings put into the environment, and the faults that are told."""

import pytest

from worker.settings import ConfigError, load_settings

HIDDEN = "hunter2-hunter2"
TOKENS = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "oauthbearer",
    "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://tokens.example/realms/leads/token",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "worker",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET": HIDDEN,
}


def put(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def faults() -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert HIDDEN not in str(caught.value)
    assert HIDDEN not in repr(caught.value)
    return dict(caught.value.faults)

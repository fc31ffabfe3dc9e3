"""No variable is set but those that a test sets."""

import os

import pytest


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SALESPLAN_", "KAFKA_", "PG", "DATABASE_URL", "OTEL_")):
            monkeypatch.delenv(name)

"""No variable is set but those that a test sets."""

import pytest

from tests.stage.environment import clear_environment


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)

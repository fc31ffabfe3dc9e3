"""Topics need names of their own, and room."""

import pytest

from tests.settings.given import faults, put


@pytest.mark.parametrize("name", ["dlq.order", "two words", "a" * 246, "lead.assigned"])
def test_a_topic_needs_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    put(monkeypatch, SALESPLAN_TOPICS__ORDER=name, SALESPLAN_TOPICS__LEAD_ASSIGNED="lead_assigned")
    assert len(faults()) == 1


def test_topics_must_take_the_largest_value(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, SALESPLAN_INTAKE__MAX_VALUE_BYTES="20000000")
    assert faults().keys() == {"SALESPLAN_INTAKE__MAX_MESSAGE_BYTES"}

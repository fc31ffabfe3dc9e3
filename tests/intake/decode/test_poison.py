"""These records are poison, and none of it spoils a neighbour."""

import json

import pytest

from contracts.inbound import INBOUND
from tests.intake.decode.orders import (
    EVENT_ID,
    ORDER,
    POISON,
    read,
)
from tests.support.examples import example
from worker.intake.decode import MESSAGE_LIMIT
from worker.rules.event import Lead, Poison, Trigger


@pytest.mark.parametrize(("reason", "value"), POISON.values(), ids=POISON)
def test_poison(reason: str, value: bytes | None) -> None:
    kind = "failed-payment" if value and b"failure_reason" in value else "order"
    poison = read(value, kind)
    assert isinstance(poison, Poison)
    assert poison.reason == reason
    assert poison.exception == ("ValidationError" if reason == "invalid" else "ValueError")
    assert 0 < len(poison.message) <= MESSAGE_LIMIT
    assert poison.message.isprintable()


@pytest.mark.parametrize("kind", sorted(INBOUND))
def test_every_kind_refuses_each_missing_field(kind: str) -> None:
    for field, about in INBOUND[kind].model_fields.items():
        document = {name: value for name, value in example(kind).items() if name != field}
        event = read(json.dumps(document).encode(), kind)
        if about.is_required():
            assert isinstance(event, Poison), field
            assert event.message.startswith(f"{field}: missing; send "), field
        else:
            assert isinstance(event, Lead), field


def test_one_bad_record_spoils_no_neighbour() -> None:
    """Nothing is carried from one value to the next, not even by the parser's cache."""
    for _, value in POISON.values():
        read(value)
        assert read(ORDER) == Lead(Trigger.ORDER, "acme", "l-77", "offer-9", EVENT_ID)

"""The models take these values, and give these back."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.inbound import INBOUND, ManagerContact, Order
from contracts.types import Money, TriggerKind, rfc3339
from tests.support.examples import example
from tests.support.strategies import inbound_documents
from worker.rules.event import Trigger


@given(inbound_documents())
def test_a_valid_event_survives_a_round_trip(case: tuple[str, dict[str, Any]]) -> None:
    """Written and read again it is the same event."""
    kind, document = case
    event = INBOUND[kind].model_validate_json(json.dumps(document))
    assert INBOUND[kind].model_validate_json(event.model_dump_json()) == event


def test_kinds_are_those_of_the_rules() -> None:
    assert set(get_args(TriggerKind)) == {trigger.value for trigger in Trigger}
    assert set(INBOUND) == {*get_args(TriggerKind), "manager-contact"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1969-12-31T23:00:00-01:00", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59.999999Z", datetime(9998, 12, 31, 23, 59, 59, 999999, UTC)),
        ("2026-11-23t10:00:00.123456789z", datetime(2026, 11, 23, 10, 0, 0, 123456, UTC)),
        ("2026-11-23T15:30:00+05:30", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2028-02-29T00:00:00-00:00", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_times_that_are_taken(text: str, moment: datetime) -> None:
    read = ManagerContact.model_validate(example("manager-contact") | {"occurred_at": text})
    assert read.occurred_at == moment


@pytest.mark.parametrize(
    "text",
    [
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "0000-01-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T10:60:00Z",
        "2026-11-23T10:00:60Z",
        "2026-11-23T10:00:00",
        "2026-11-23T10:00Z",
        "2026-11-23T10:00:00+0500",
        "2026-11-23T10:00:00+24:00",
        "2026-11-23T10:00:00+05:60",
        "2026-11-23T10:00:00.1234567890Z",
        "2026-11-23T10:00:00,5Z",
        "2026-11-23T10:00:00Z\n",
        " 2026-11-23T10:00:00Z",
        "\u0662026-11-23T10:00:00Z",
        "1764000000",
        "2026-11-23",
        "PT1H",
    ],
)
def test_times_that_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ManagerContact.model_validate(example("manager-contact") | {"occurred_at": text})


@pytest.mark.parametrize("amount", ["0", "0.5", "149.00", "999999999999.99"])
def test_amounts_that_are_taken(amount: str) -> None:
    assert Money.model_validate({"amount": amount, "currency": "USD"}).amount == amount


@pytest.mark.parametrize(
    "amount",
    [
        "-1",
        "+1",
        "1e3",
        "1.",
        ".5",
        "1.005",
        "01",
        "1000000000000",
        "NaN",
        "1,50",
        "1_0",
        "\u0661",
        "1\n",
        "",
        1,
        1.5,
    ],
)
def test_amounts_that_are_refused(amount: object) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "USD"})


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "US1", "USD\n", "", None, 840])
def test_currencies_that_are_refused(currency: object) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": "1", "currency": currency})


def test_optional_means_absent_or_null() -> None:
    absent = {key: value for key, value in example("order").items() if key != "amount"}
    assert Order.model_validate(absent) == Order.model_validate(absent | {"amount": None})


def test_an_event_can_not_be_changed() -> None:
    event = Order.model_validate(example("order"))
    with pytest.raises(ValidationError):
        setattr(event, "lead_id", "another")  # noqa: B010 (the type checker refuses it too)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9998, 12, 31)))  # noqa: DTZ001 (zone below)
def test_a_time_is_written_so_that_it_reads_back(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert datetime.fromisoformat(rfc3339(moment)) == moment

"""Where traces go."""

import pytest

from tests.settings.given import faults, put
from worker.settings import load_settings


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

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


@pytest.mark.parametrize(
    ("sampler", "ratio", "wrong"),
    [
        ("nonsense", None, {"OTEL_TRACES_SAMPLER"}),
        ("traceidratio", "half", {"OTEL_TRACES_SAMPLER_ARG"}),
        ("parentbased_traceidratio", "10", {"OTEL_TRACES_SAMPLER_ARG"}),
        ("traceidratio", "nan", {"OTEL_TRACES_SAMPLER_ARG"}),
        ("traceidratio", None, set()),
        ("ParentBased_TraceIdRatio", "0.1", set()),
        ("always_off", "whatever", set()),
        ("", None, set()),
    ],
)
def test_a_sampler_that_there_is_not_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, sampler: str, ratio: str | None, wrong: set[str]
) -> None:
    """Else everything would be recorded, and nobody told."""
    given = {"OTEL_TRACES_SAMPLER": sampler} | ({} if ratio is None else {"OTEL_TRACES_SAMPLER_ARG": ratio})
    put(monkeypatch, OTEL_TRACES_EXPORTER="otlp", **given)
    if wrong:
        assert faults().keys() == wrong
    else:
        load_settings()
    put(monkeypatch, OTEL_TRACES_EXPORTER="none")
    load_settings()

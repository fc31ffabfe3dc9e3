"""What is needed to get in to Kafka, and no more than that."""

from pathlib import Path

import pytest
import trustme

from tests.settings.given import HIDDEN, TOKENS, faults, put
from worker.settings import load_settings


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

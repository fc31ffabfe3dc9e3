"""Settings of the connection to Kafka (``KAFKA_*`` variables), and the base of all groups of settings."""

import os
import re
import ssl
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from worker.settings.environment import from_file


class Group(BaseModel):
    """Settings that belong together. Defaults are checked like given values."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


def _readable(path: str | None) -> str | None:
    if path is not None and not os.access(path, os.R_OK):
        raise ValueError("is no file that can be read: give the path of a PEM file")
    return path


def lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _authorities(path: str | None) -> str | None:
    if path is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except ssl.SSLError:
            raise ValueError("contains no certificate: give the path of a PEM file") from None
    return path


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a bad port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return safe and bool(parts.hostname) and "@" not in parts.netloc and not re.search(r"[^\x21-\x7e]", url)


PemFile = Annotated[str | None, AfterValidator(_readable)]
Authorities = Annotated[PemFile, AfterValidator(_authorities)]

BY_PASSWORD = ("sasl_username", "sasl_password")
BY_TOKEN = "OAUTHBEARER"  # noqa: S105 -- the name of a mechanism
NEEDED_FOR_TOKENS = tuple(f"sasl_oauthbearer_{name}" for name in ("token_endpoint_url", "client_id", "client_secret"))
TOKEN_FIELDS = (*NEEDED_FOR_TOKENS, "sasl_oauthbearer_scope", "sasl_oauthbearer_cafile")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _now(name: str, at_start: SecretStr | None) -> str | None:
    """Read the secret's file. Without a file, or while somebody replaces it, return the value from the start."""
    return from_file(name) or (at_start.get_secret_value() if at_start else None)


class Kafka(Group):
    """Settings of the connection to Kafka."""

    bootstrap_servers: str = Field("localhost:9092", description="Brokers to ask first: host:port, host:port.")
    group_id: str = Field(
        "salesplan",
        min_length=1,
        max_length=200,
        description="Consumer group, also the first part of the transactional ids; 1 to 200 characters.",
    )
    security_protocol: Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], BeforeValidator(_upper)] = (
        Field("PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.")
    )
    sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None, BeforeValidator(_upper)
    ] = Field(None, description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; needed with SASL.")
    sasl_username: str | None = Field(None, description="User; needed with SASL by password.")
    sasl_password: SecretStr | None = Field(None, description="Password; needed with SASL by password.")
    sasl_oauthbearer_token_endpoint_url: str | None = Field(
        None, description="https address of the token endpoint; needed with OAUTHBEARER."
    )
    sasl_oauthbearer_client_id: str | None = Field(
        None, description="Client's id at the token endpoint; needed with OAUTHBEARER."
    )
    sasl_oauthbearer_client_secret: SecretStr | None = Field(
        None, description="Client's secret at the token endpoint; needed with OAUTHBEARER."
    )
    sasl_oauthbearer_scope: str | None = Field(None, description="Scope to ask for, if the token endpoint wants one.")
    sasl_oauthbearer_cafile: Authorities = Field(
        None, description="PEM file of authorities for the token endpoint, in place of the system's."
    )
    ssl_cafile: Authorities = Field(
        None, description="PEM file of authorities for the brokers, in place of the system's."
    )
    ssl_certfile: PemFile = Field(None, description="PEM file of the client's certificate.")
    ssl_keyfile: PemFile = Field(None, description="PEM file of the client's key, if it is in a file of its own.")

    def password_now(self) -> str | None:
        """Read the password again: its file may have changed since the start."""
        return _now("KAFKA_SASL_PASSWORD", self.sasl_password)

    def client_secret_now(self) -> str | None:
        """Read the client's secret for the token endpoint again, like ``password_now``."""
        return _now("KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", self.sasl_oauthbearer_client_secret)

    @field_validator("bootstrap_servers")
    @classmethod
    def _addresses(cls, servers: str) -> str:
        for server in servers.split(","):
            found = re.fullmatch(r"\s*(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})\s*", server)
            if not found or not 0 < int(found[2]) < 65536:
                raise ValueError("must be addresses host:port, comma separated; of IPv6 [::1]:9092")
        return servers.replace(" ", "")

    @field_validator("sasl_mechanism", *BY_PASSWORD)
    @classmethod
    def _sasl(cls, value: object, info: ValidationInfo) -> object:
        protocol = info.data.get("security_protocol")
        if protocol is None:  # itself at fault
            return value
        if not protocol.startswith("SASL") and value is not None:
            raise ValueError(f"is not used with {protocol}: KAFKA_SECURITY_PROTOCOL=SASL_SSL uses it")
        if info.data.get("sasl_mechanism") == BY_TOKEN:
            if value is not None:
                raise ValueError(f"is not used with KAFKA_SASL_MECHANISM={BY_TOKEN}")
        elif protocol.startswith("SASL") and value is None:
            raise ValueError(f"is needed with KAFKA_SECURITY_PROTOCOL={protocol}")
        return value

    @field_validator(*TOKEN_FIELDS)
    @classmethod
    def _by_token(cls, value: object, info: ValidationInfo) -> object:
        if "sasl_mechanism" not in info.data:  # itself at fault
            return value
        by_token = info.data["sasl_mechanism"] == BY_TOKEN
        if not by_token and value is not None:
            raise ValueError(f"is used only with KAFKA_SASL_MECHANISM={BY_TOKEN}")
        if by_token and value is None and info.field_name in NEEDED_FOR_TOKENS:
            raise ValueError(f"is needed with KAFKA_SASL_MECHANISM={BY_TOKEN}")
        return value

    @field_validator("sasl_oauthbearer_token_endpoint_url")
    @classmethod
    def _endpoint(cls, url: str | None) -> str | None:
        if url is not None and not _is_endpoint(url):
            # The worker sends the secret to this address.
            raise ValueError("must be an address like https://host/path (http only on this machine), with no password")
        return url

    @field_validator("ssl_cafile", "ssl_certfile", "ssl_keyfile")
    @classmethod
    def _ssl(cls, value: str | None, info: ValidationInfo) -> str | None:
        protocol = info.data.get("security_protocol", "SSL")
        if value is not None and not protocol.endswith("SSL"):
            raise ValueError(f"is not used with {protocol}: KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL uses it")
        return value

    @field_validator("ssl_keyfile")
    @classmethod
    def _key_of_certificate(cls, value: str | None, info: ValidationInfo) -> str | None:
        certificate = info.data.get("ssl_certfile", "")
        if value is not None and certificate is None:
            raise ValueError("needs KAFKA_SSL_CERTFILE")
        if certificate:
            try:
                # Without this empty password, OpenSSL would ask at the terminal.
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, value, password="")
            except ssl.SSLError:
                raise ValueError("must be the key of KAFKA_SSL_CERTFILE: both PEM, and the key unencrypted") from None
        return value

"""How to reach Kafka, as the ``KAFKA_*`` variables say; and what every group of settings has in common."""

import os
import re
from typing import Annotated, Any, Literal

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


class Group(BaseModel):
    """Settings that belong together; every default is checked like a given value."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


def _readable(path: str | None) -> str | None:
    if path is not None and not os.access(path, os.R_OK):
        raise ValueError("is no file that can be read: give the path of a PEM file")
    return path


def lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


PemFile = Annotated[str | None, AfterValidator(_readable)]


class Kafka(Group):
    """How to reach Kafka."""

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
    sasl_mechanism: Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None, BeforeValidator(_upper)] = (
        Field(None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; needed with SASL.")
    )
    sasl_username: str | None = Field(None, description="User; needed with SASL.")
    sasl_password: SecretStr | None = Field(None, description="Password; needed with SASL.")
    ssl_cafile: PemFile = Field(None, description="PEM file of authorities to trust, not the system's.")
    ssl_certfile: PemFile = Field(None, description="PEM file of the client's certificate.")
    ssl_keyfile: PemFile = Field(None, description="PEM file of its key, if not in the same file.")

    @field_validator("bootstrap_servers")
    @classmethod
    def _addresses(cls, servers: str) -> str:
        for server in servers.split(","):
            found = re.fullmatch(r"\s*(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})\s*", server)
            if not found or not 0 < int(found[2]) < 65536:
                raise ValueError("must be addresses host:port, comma separated")
        return servers.replace(" ", "")

    @field_validator("sasl_mechanism", "sasl_username", "sasl_password")
    @classmethod
    def _sasl(cls, value: object, info: ValidationInfo) -> object:
        protocol = info.data.get("security_protocol")
        if protocol is None:  # itself at fault
            return value
        if protocol.startswith("SASL") and value is None:
            raise ValueError(f"is needed with KAFKA_SECURITY_PROTOCOL={protocol}")
        if not protocol.startswith("SASL") and value is not None:
            raise ValueError(f"is not used with {protocol}: KAFKA_SECURITY_PROTOCOL=SASL_SSL uses it")
        return value

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
        if value is not None and info.data.get("ssl_certfile", "") is None:
            raise ValueError("needs KAFKA_SSL_CERTFILE")
        return value

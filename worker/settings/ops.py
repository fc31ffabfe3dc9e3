"""Settings of the port for probes, and of the log."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from worker.settings.addresses import without_brackets
from worker.settings.kafka import Group, lower


class Ops(Group):
    """The port for probes."""

    enabled: bool = Field(default=True, description="false: no port is opened.")
    host: str = Field(
        "127.0.0.1", min_length=1, description="Address to listen on; :: = all, 0.0.0.0 = all of IPv4 only."
    )
    port: int = Field(8081, ge=0, le=65535, description="Port to listen on, to 65535; 0 = any free port.")
    revision: str = Field(
        "", max_length=100, description="Commit of the program's source, for /version and the metrics."
    )

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return without_brackets(host, "SALESPLAN_OPS__PORT")


class Log(Group):
    """The level and format of the log on stderr."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = Field(
        "info", description="debug, info, warning or error."
    )
    format: Annotated[Literal["auto", "json", "console"], BeforeValidator(lower)] = Field(
        "auto", description="json, console, or auto: console on a terminal."
    )

"""The web pages: where they listen, which proxy is believed, and the two logins at the database."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator

from worker.settings.addresses import without_brackets
from worker.settings.kafka import Group

Network = IPv4Network | IPv6Network


class Console(Group):
    """The web pages for heads of sales and for managers."""

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address that the pages listen on; :: = all, 0.0.0.0 = all of IPv4 only."
    )
    port: int = Field(8080, ge=0, le=65535, description="Port of the pages, to 65535; 0 = any free port.")
    managers_database_url: SecretStr | None = Field(
        None, description="postgresql://user@host/database for managers' pages: a login in salesplan_console."
    )
    heads_database_url: SecretStr | None = Field(
        None, description="postgresql://user@host/database for heads' pages: a login in salesplan_head."
    )
    proxies: str = Field(
        "", description="Addresses of the proxies whose word on the user is believed: 10.0.0.7, 10.1.0.0/16."
    )
    user_header: str = Field(
        "X-Forwarded-User",
        pattern=r"^[A-Za-z0-9-]{1,100}$",
        description="Header in which the proxy names the user.",
    )
    proxy_secret: SecretStr | None = Field(
        None, description="If it is set, the proxy must send the same in the header X-Proxy-Secret."
    )
    timezone: str = Field("UTC", description="Zone in which days begin and times are shown, like Europe/Moscow.")
    refresh_seconds: float = Field(
        5, ge=0, le=3600, description="Seconds between two renewals of the numbers on a page, to 3600; 0 = never."
    )

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return without_brackets(host, "SALESPLAN_CONSOLE__PORT")

    @field_validator("proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        for part in _parts(text):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError("must be addresses or networks like 10.0.0.7, 10.1.0.0/16, fd00::/8") from None
        return text

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("must be a zone like Europe/Moscow")
        return name

    @property
    def networks(self) -> tuple[Network, ...]:
        """Where the believed proxies are."""
        return tuple(map(ip_network, _parts(self.proxies)))

    @property
    def zone(self) -> ZoneInfo:
        """The zone, as a value."""
        return ZoneInfo(self.timezone)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]

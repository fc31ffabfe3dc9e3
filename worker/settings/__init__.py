"""All settings, and the faults of their values. The program reads them once at its start and passes them on."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from worker.records.record import DEAD_LETTER_PREFIX
from worker.settings import databases, environment, otel, postgres
from worker.settings.console import Console
from worker.settings.environment import ConfigError, Fault
from worker.settings.kafka import Group, Kafka
from worker.settings.ops import Log, Ops

__all__ = [
    "LONGEST_LEASE",
    "NAME_OF",
    "Brake",
    "ConfigError",
    "Console",
    "Intake",
    "Kafka",
    "Log",
    "Ops",
    "Plans",
    "Retention",
    "Settings",
    "Slot",
    "Topics",
    "load_settings",
]

LONGEST_LEASE = 15.0  # seconds; no worker of the group can have a longer lease

TOPIC_NAME = r"^[A-Za-z0-9._-]{1,245}$"  # Kafka's 249, less the prefix of its dead letters


class Topics(Group):
    """The topics' names, partitions and copies."""

    KINDS: ClassVar[Mapping[str, str]] = {
        "subscription": "subscription",
        "order": "order",
        "failed_payment": "failed-payment",
        "paid": "paid",
        "manager_contact": "manager-contact",
    }

    subscription: str = Field("subscription", pattern=TOPIC_NAME, description="Topic of subscriptions.")
    order: str = Field("order", pattern=TOPIC_NAME, description="Topic of orders.")
    failed_payment: str = Field("failed-payment", pattern=TOPIC_NAME, description="Topic of failed payments.")
    paid: str = Field("paid", pattern=TOPIC_NAME, description="Topic of payments.")
    manager_contact: str = Field("manager-contact", pattern=TOPIC_NAME, description="Topic of contacts by managers.")
    lead_assigned: str = Field("lead-assigned", pattern=TOPIC_NAME, description="Topic that assignments go to.")
    partitions: int = Field(
        12, ge=1, le=1000, description="Partitions of each topic that `topics create` makes; 1 to 1000."
    )
    replication: int = Field(
        0,
        ge=0,
        le=32,
        description="Copies of each topic that `topics create` makes, to 32; 0 = one for each broker, 3 at most.",
    )

    @field_validator("subscription", "order", "failed_payment", "paid", "manager_contact", "lead_assigned")
    @classmethod
    def _once(cls, name: str, info: ValidationInfo) -> str:
        if name.startswith(DEAD_LETTER_PREFIX):
            raise ValueError(f"must not start with {DEAD_LETTER_PREFIX!r}: that is the prefix of dead letters")
        for other, taken in info.data.items():
            # Two Kafka topics may not differ only in "." and "_": its metrics would confuse them.
            if taken.replace(".", "_") == name.replace(".", "_"):
                raise ValueError(f"must differ from {NAME_OF['topics', other]}")
        return name

    @property
    def inputs(self) -> dict[str, str]:
        """The input topics, each with the word for its kind of event."""
        return {getattr(self, field): kind for field, kind in self.KINDS.items()}

    def dead_letters(self, topic: str) -> str:
        """The topic for dead letters of ``topic``."""
        return DEAD_LETTER_PREFIX + topic


class Intake(Group):
    """Limits of one read."""

    max_batch: int = Field(4000, ge=1, le=65536, description="Records in one batch at most; 1 to 65536.")
    max_value_bytes: int = Field(
        1_048_576,
        ge=1024,
        le=104_857_600,
        description="Bytes of the largest value; a larger one becomes a dead letter; 1 KiB to 100 MiB.",
    )
    max_message_bytes: int = Field(
        12_582_912,
        ge=1_048_576,
        le=104_857_600,
        description="Bytes of the largest message that topics take; 1 to 100 MiB.",
    )

    @field_validator("max_message_bytes")
    @classmethod
    def _room_for_values(cls, size: int, info: ValidationInfo) -> int:
        if size < info.data.get("max_value_bytes", 0):
            raise ValueError(f"must be at least {NAME_OF['intake', 'max_value_bytes']}")
        return size


class Plans(Group):
    """Settings about changes of plans."""

    refresh_seconds: float = Field(
        5,
        ge=0.1,
        le=300,
        description="Seconds between two looks for changed plans; 0.1 to 300.",
    )


class Slot(Group):
    """The right of a worker to publish."""

    lease_seconds: float = Field(
        10,
        ge=3,
        le=LONGEST_LEASE,
        description="Seconds until another worker may take the slot of a silent one; 3 to 15.",
    )


class Brake(Group):
    """Limits above which bad records mean a bad deploy, and the worker stops."""

    consecutive: int = Field(
        100, ge=1, le=1_000_000, description="Dead letters in a row that stop the worker; 1 to 1000000."
    )
    ratio: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of dead letters among recent records that stops the worker, above 0; 1 = never.",
    )
    window: int = Field(1000, ge=10, le=1_000_000, description="Records that count as recent; 10 to 1000000.")


class Retention(Group):
    """Ages at which `salesplan prune` deletes data. It never deletes the ledger."""

    unmatched_days: int = Field(
        400,
        ge=0,
        le=36500,
        description="Days for which `prune` keeps the counts of unmatched events after the last one; 0 = for ever.",
    )
    contact_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="Days for which a manager's contact counts for linked plans; 0 = for ever.",
    )


class Settings(BaseSettings):
    """All settings."""

    model_config = {"frozen": True, "extra": "forbid", "validate_default": True, "hide_input_in_errors": True}

    kafka: Kafka = Kafka()
    database_url: SecretStr | None = Field(
        None, description="postgresql://user@host/database; if it is not set, the PG* variables count."
    )
    topics: Topics = Field(default_factory=Topics)
    intake: Intake = Intake()
    plans: Plans = Plans()
    slot: Slot = Slot()
    brake: Brake = Brake()
    retention: Retention = Retention()
    console: Console = Console()
    ops: Ops = Ops()
    log: Log = Log()

    @property
    def dsn(self) -> str | None:
        """The address for ``worker.postgres.connect``; None means the ``PG*`` variables.

        A secret in a file is read again each time, since a password changes together with its file. If the file can't
        be used at that moment, the address from the start counts.
        """
        return databases.fresh(databases.WORKERS, self.database_url)

    @property
    def managers_dsn(self) -> str | None:
        """The database's address for the managers' pages; None if it is not set.

        Like ``dsn``, each access reads a secret's file again.
        """
        return databases.fresh(databases.MANAGERS, self.console.managers_database_url)

    @property
    def heads_dsn(self) -> str | None:
        """The database's address for the heads' pages; None if it is not set.

        Like ``dsn``, each access reads a secret's file again.
        """
        return databases.fresh(databases.HEADS, self.console.heads_database_url)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about parameters that are set but not used."""
        return tuple(dict.fromkeys(note for way in databases.ways().values() for note in way.notes))

    @property
    def names_database(self) -> bool:
        """True if a setting or variable says where the database is."""
        return self.database_url is not None or any(map(os.environ.get, postgres.NAMING_A_DATABASE))

    @property
    def traced(self) -> bool:
        """True if the worker sends traces."""
        return otel.is_wanted()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments come first, then the environment. There is no other source."""
        return init_settings, _Environment(settings_cls)

    @classmethod
    def load(cls) -> Self:
        """Do the same as ``load_settings``, for a class derived from this one."""
        unreached = dict.fromkeys(fault for way in databases.ways().values() for fault in way.faults)
        faults = [*environment.faults(NAME_OF), *unreached, *otel.faults()]
        try:
            settings = cls()
        except ValidationError as error:
            faulty = {fault.name.removesuffix("_FILE") for fault in faults}
            faults += [fault for fault in _faults(error) if fault.name not in faulty]
        if faults:
            raise ConfigError(faults)
        return settings


class _Environment(PydanticBaseSettingsSource):
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError("the fields come together, from __call__")

    def __call__(self) -> dict[str, Any]:
        found = environment.values(NAME_OF)
        for place, way in databases.ways().items():
            if way.url:
                environment.put(found, place, way.url)
        return found


def _names() -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {("database_url",): "DATABASE_URL"}
    for group, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            prefix = "KAFKA_" if group == "kafka" else f"{environment.PREFIX}{group.upper()}__"
            names |= {(group, name): prefix + name.upper() for name in field.annotation.model_fields}
    return names


# Path in the settings -> the variable that sets it.
NAME_OF: Mapping[tuple[str, ...], str] = _names()


def _faults(error: ValidationError) -> list[Fault]:
    return [_fault(found) for found in error.errors(include_url=False, include_input=False, include_context=False)]


def _fault(found: Any) -> Fault:
    path = tuple(str(part) for part in found["loc"][:2])
    text = found["msg"].removeprefix("Value error, ").replace("Input should", "must").replace("String should", "must")
    return Fault(NAME_OF.get(path, ".".join(path)), text)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises ConfigError with all faults, including misspelt names.
    """
    return Settings.load()

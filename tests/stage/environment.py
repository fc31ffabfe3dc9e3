"""The parts of a stage that are not servers: names of its own, and seeded random numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from uuid import uuid4

import pytest

PARTITIONS = 4
LEASE_SECONDS = 3
OURS = ("SALESPLAN_", "KAFKA_", "PG", "DATABASE_URL", "OTEL_")


def outside() -> dict[str, str]:
    """The environment of the tests, without what would be read as settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def environment(database_url: str, bootstrap_servers: str, **more: str) -> dict[str, str]:
    """The environment of a worker of a new stage; nothing in it comes from outside."""
    prefix = f"t{uuid4().hex[:8]}"
    topics = ("subscription", "order", "failed-payment", "paid", "manager-contact", "lead-assigned")
    names = {f"SALESPLAN_TOPICS__{topic.replace('-', '_').upper()}": f"{prefix}-{topic}" for topic in topics}
    return {
        **outside(),
        **names,
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "KAFKA_GROUP_ID": prefix,
        "SALESPLAN_TOPICS__PARTITIONS": str(PARTITIONS),
        "SALESPLAN_SLOT__LEASE_SECONDS": str(LEASE_SECONDS),
        "SALESPLAN_LOG__FORMAT": "json",
        **more,
    }


def clear_environment(patch: pytest.MonkeyPatch) -> None:
    """No variable is set that would be read as a setting of ours."""
    for name in list(os.environ):
        if name.startswith(OURS):
            patch.delenv(name)


def no_servers() -> dict[str, str]:
    """The environment of a worker whose servers do not answer."""
    return environment("postgresql://u@127.0.0.1:1/x", "127.0.0.1:1")


@contextmanager
def replaced_environment(names: Mapping[str, str]) -> Iterator[None]:
    """The environment is this and nothing else, for the length of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - names.keys():
            patch.delenv(name)
        for name, value in names.items():
            patch.setenv(name, value)
        yield


def dice(seed: int) -> Random:
    """Random numbers, the same for the same seed; TEST_SEED takes another. Shown when a test fails."""
    seed = int(os.environ.get("TEST_SEED", seed))
    print(f"TEST_SEED={seed}")  # noqa: T201 -- pytest shows it with a failure
    return Random(seed)

"""A topic as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is, or as it is to be.

    ``max_message_bytes`` is None where its settings may not be read. ``allowed`` is what this user may do with it; None
    where the brokers do not tell. ``settings`` are all that it has, or the further ones that it is to have;
    ``replicas`` the ids of the brokers that hold each partition, by its number.
    """

    name: str
    partitions: int
    replication: int
    max_message_bytes: int | None
    allowed: frozenset[str] | None = field(default=None, compare=False)
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)
    replicas: Sequence[Sequence[int]] = field(default=(), compare=False)


class Seen(NamedTuple):
    """The topics that exist, and those that may not be looked at, so that nobody knows whether they do.

    ``brokers`` are the ids of those that run.
    """

    topics: dict[str, Topic]
    hidden: frozenset[str]
    brokers: Sequence[int] = ()

"""A topic as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Topic:
    """An existing topic, or a topic to create.

    ``max_message_bytes`` is None if the user may not read the topic's settings. ``allowed`` are the operations that the
    user may do; None if the brokers do not report them. ``settings`` are all settings of an existing topic, or the
    further settings of a topic to create. ``replicas`` are the ids of the brokers that hold each partition, by
    partition number.
    """

    name: str
    partitions: int
    replication: int
    max_message_bytes: int | None
    allowed: frozenset[str] | None = field(default=None, compare=False)
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)
    replicas: Sequence[Sequence[int]] = field(default=(), compare=False)


class TopicListing(NamedTuple):
    """The topics that exist, and the hidden ones: the user may not describe them, so that nobody knows if they exist.

    ``brokers`` are the ids of the running brokers.
    """

    topics: dict[str, Topic]
    hidden: frozenset[str]
    brokers: Sequence[int] = ()

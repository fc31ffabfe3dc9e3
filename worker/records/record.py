"""An input record, and its partition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Protocol

Partition = tuple[str, int]  # topic, number
PARTITION_OF: Callable[[Record], Partition] = attrgetter("topic", "partition")
Header = tuple[str, bytes | None]

DEAD_LETTER_PREFIX = "dlq."  # of the name of an input's dead-letter topic


class Record(Protocol):
    """An input record as the Kafka client hands it out."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> int: ...  # ms since 1970
    @property
    def headers(self) -> Sequence[Header]: ...

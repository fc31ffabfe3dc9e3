"""Batches of records that are encoded already, https://kafka.apache.org/documentation/#recordbatch."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable

from aiokafka.codec import snappy_encode
from aiokafka.record.util import calc_crc32c

from worker.record import varint

BATCH_BYTES = 512 * 1024  # uncompressed; the broker's own limit is twice that

START = struct.Struct(">qiibI")  # base offset, length, leader's epoch, format, checksum of all that follows
REST = struct.Struct(">hiqqqhii")  # attributes, last offset, first and last time, producer's state, count
FORMAT = 2
UNCOUNTED = 12  # bytes of the start that the length leaves out: the base offset, and the length itself
NO_EPOCH = -1
# aiokafka compresses lz4 at level 9, which takes fifteen times as long for the same size.
SNAPPY = 2
TRANSACTIONAL = 16


class EncodedBatch:
    """In place of the client's ``BatchBuilder``, whose methods have these names: it takes records as they are."""

    def __init__(self, *, transactional: bool) -> None:
        self._attributes = SNAPPY | TRANSACTIONAL if transactional else SNAPPY
        self._parts: list[bytes] = []
        self._size = 0
        self._count = 0
        self._producer_state = (-1, -1, 0)
        self._built = b""

    def add(self, records: Iterable[bytes]) -> int:
        """As many as there is room for, but one in any case; returns how many."""
        count, size = self._count, self._size
        for record in records:
            if size + len(record) > BATCH_BYTES and count:
                break
            offset = varint(count)
            # Its length; no attributes; as old as the batch; its place.
            start = b"%b\0\0%b" % (varint(2 + len(offset) + len(record)), offset)
            self._parts += (start, record)
            size += len(start) + len(record)
            count += 1
        added = count - self._count
        self._count, self._size = count, size
        return added

    def append(self, **_record: object) -> None:
        """Nothing more: for the client it is full."""

    def close(self) -> None:
        """It is closed."""

    def closed(self) -> bool:
        return True

    def size(self) -> int:
        return len(self._built) or self._size

    def record_count(self) -> int:
        return self._count

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._producer_state = (producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytes:
        """The same bytes each time, so that the broker knows what is sent again."""
        if not self._built:
            now = int(time.time() * 1000)
            rest = REST.pack(self._attributes, self._count - 1, now, now, *self._producer_state, self._count)
            rest += snappy_encode(b"".join(self._parts))
            start = START.pack(0, START.size - UNCOUNTED + len(rest), NO_EPOCH, FORMAT, calc_crc32c(rest))
            self._built = start + rest
            self._parts.clear()
        return self._built

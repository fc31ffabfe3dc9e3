"""A batch of encoded records, https://kafka.apache.org/documentation/#recordbatch."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable

from aiokafka.codec import snappy_encode
from aiokafka.record.util import calc_crc32c

from worker.kafka.insides import PreparedBatch
from worker.records.encoding import varint

BATCH_BYTES = 512 * 1024  # uncompressed bytes; Kafka's default limit is twice as much

START = struct.Struct(">qiibI")  # base offset, length, leader epoch, format, checksum of all later bytes
REST = struct.Struct(">hiqqqhii")  # attributes, last offset, first and last time, producer's state, count
FORMAT = 2
UNCOUNTED = struct.calcsize(">qi")  # the length field does not count the base offset and itself
NO_EPOCH = -1
# snappy shrinks announcements to a fifth, in 0.3 µs each. zstd shrinks them to 7 % in 0.5 µs, but not every reader has
# it.
SNAPPY = 2
TRANSACTIONAL = 16

BATCH_OVERHEAD = START.size + REST.size + 16  # bytes of the batch's own fields, and of the first record's


class RecordBatch(PreparedBatch):
    """Takes encoded records, and compresses them once, in ``build``."""

    def __init__(self, *, transactional: bool, at_most: int = BATCH_BYTES) -> None:
        """``at_most`` is in bytes of uncompressed records; a single record may be larger."""
        self._transactional = transactional
        self._at_most = at_most
        self._parts: list[bytes] = []
        self._size = 0
        self._count = 0
        self._producer_state = (-1, -1, 0)
        self._built = b""

    def add(self, records: Iterable[bytes]) -> int:
        """Add as many records as fit, but at least one to an empty batch. Returns how many it added."""
        count, size = self._count, self._size
        for record in records:
            offset = varint(count)
            # Fields of a record: length, no attributes, no difference to the batch's time, index in the batch.
            start = b"%b\0\0%b" % (varint(2 + len(offset) + len(record)), offset)
            larger = size + len(start) + len(record)
            if larger > self._at_most and count:
                break
            self._parts += (start, record)
            count, size = count + 1, larger
        added = count - self._count
        self._count, self._size = count, size
        return added

    def record_count(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """The size of the batch's records in bytes, uncompressed."""
        return self._size

    def set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._producer_state = (producer_id, producer_epoch, base_sequence)

    def build(self) -> bytes:
        """Return the same bytes each time, so that the broker recognises a batch that is sent again."""
        if not self._built:
            now = int(time.time() * 1000)
            records = b"".join(self._parts)
            compressed = snappy_encode(records)
            helps = len(compressed) < len(records)
            attributes = (SNAPPY if helps else 0) | (TRANSACTIONAL if self._transactional else 0)
            rest = REST.pack(attributes, self._count - 1, now, now, *self._producer_state, self._count)
            rest += compressed if helps else records
            start = START.pack(0, START.size - UNCOUNTED + len(rest), NO_EPOCH, FORMAT, calc_crc32c(rest))
            self._built = start + rest
            self._parts.clear()
        return self._built

    def wire_size(self) -> int:
        """The size of the whole batch in bytes, compressed."""
        return len(self.build())


def wire_size(record: bytes) -> int:
    """The size in bytes of a compressed batch that holds only this record."""
    batch = RecordBatch(transactional=True)
    batch.add([record])
    return batch.wire_size()

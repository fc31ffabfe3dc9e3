"""Chooses a key's partition in the same way as Kafka's own producer and most others: by murmur2.

aiokafka hashes byte by byte, which takes longer than all other work on a message. Here all keys of one length are
hashed at once. Each key is a lane of 64 bits in one large integer, and Python's arithmetic on it is a loop in C. A lane
never overflows: it holds 32 bits, and the factor has 31.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from struct import unpack

SEED = 0x9747B28C
FACTOR = 0x5BD1E995
MASK = 0xFFFFFFFF
WORD = 4  # bytes
LANE = 8  # bytes


def hashes_of(keys: Sequence[bytes]) -> list[int]:
    """Hash each key to 31 bits. Its partition is the hash modulo the number of partitions."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        by_length[len(key)].append(index)
    found = [0] * len(keys)
    for length, indexes in by_length.items():
        hashes = _murmur2(b"".join([keys[index] for index in indexes]), length, len(indexes))
        for index, hashed in zip(indexes, hashes, strict=True):
            found[index] = hashed & MASK >> 1
    return found


def _murmur2(joined: bytes, length: int, count: int) -> tuple[int, ...]:
    """Hash each key of this length to 32 bits, like `org.apache.kafka.common.utils.Utils.murmur2`."""
    ones = int.from_bytes((1).to_bytes(LANE, "little") * count, "little")
    mask = ones * MASK
    found = ones * (SEED ^ length)
    rest = length % WORD
    for start in range(0, length - rest, WORD):
        mixed = _lanes(joined, length, count, start, WORD) * FACTOR & mask
        mixed = (mixed ^ mixed >> 24 & ones * (MASK >> 24)) * FACTOR & mask
        found = found * FACTOR & mask ^ mixed
    if rest:
        found = (found ^ _lanes(joined, length, count, length - rest, rest)) * FACTOR & mask
    found = (found ^ found >> 13 & ones * (MASK >> 13)) * FACTOR & mask
    found ^= found >> 15 & ones * (MASK >> 15)
    return unpack(f"<{count}Q", found.to_bytes(LANE * count, "little"))


def _lanes(joined: bytes, length: int, count: int, start: int, width: int) -> int:
    """Take ``width`` bytes of each key, from ``start``, as numbers side by side."""
    lanes = bytearray(LANE * count)
    for byte in range(width):
        lanes[byte::LANE] = joined[start + byte :: length]
    return int.from_bytes(lanes, "little")

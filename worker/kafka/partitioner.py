"""Which partition a key goes to, as Kafka's own producer and most others have it: by murmur2.

Byte by byte, as aiokafka hashes, takes longer than anything else a message needs. Here all keys of one length are
hashed at once: each is a lane of 64 bits in one large integer, and Python's arithmetic on that is a loop in C. A lane
never runs over: what it holds has 32 bits, and what that is multiplied by 31.
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
    """31 bits of each key, which modulo the number of partitions is its partition."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        by_length[len(key)].append(place)
    found = [0] * len(keys)
    for length, places in by_length.items():
        hashes = _murmur2(b"".join([keys[place] for place in places]), length, len(places))
        for place, hashed in zip(places, hashes, strict=True):
            found[place] = hashed & MASK >> 1
    return found


def _murmur2(joined: bytes, length: int, count: int) -> tuple[int, ...]:
    """32 bits of each key of this length; `org.apache.kafka.common.utils.Utils.murmur2`."""
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
    """So many bytes of each key, from ``start``, as numbers side by side."""
    lanes = bytearray(LANE * count)
    for byte in range(width):
        lanes[byte::LANE] = joined[start + byte :: length]
    return int.from_bytes(lanes, "little")

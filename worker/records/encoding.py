"""A record's key, value and headers as bytes of Kafka's record format v2, https://kafka.apache.org/documentation/#record.

The producer writes the fields that stand before them in a batch: length, attributes and offset. Pure: imports only the
standard library and pure modules.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.records.record import Header


def _varint(number: int) -> bytes:
    rest = number << 1  # the lowest bit is the sign
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


_SMALL = [_varint(number) for number in range(4096)]
_NULL = b"\1"  # -1


def varint(number: int) -> bytes:
    """Encode a number that is not negative: doubled, then seven bits in each byte, the lowest bits first."""
    return _SMALL[number] if number < len(_SMALL) else _varint(number)


def sized(text: bytes) -> bytes:
    """The text with its length in front."""
    return varint(len(text)) + text


def encode(key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> bytes:
    """Key, value and headers as the last bytes of a record."""
    parts = [*_sized(key), *_sized(value), varint(len(headers))]
    for name, text in headers:
        parts += (sized(name.encode()), *_sized(text))
    return b"".join(parts)


def _sized(text: bytes | None) -> tuple[bytes, ...]:
    """Length and text as two parts. Joining them here would copy a dead letter's value, which may be large."""
    return (_NULL,) if text is None else (varint(len(text)), text)


def decode(body: bytes) -> tuple[bytes | None, bytes | None, list[Header]]:
    """Key, value and headers again, the reverse of ``encode``."""
    reader = _Reader(body)
    key, value = reader.text(), reader.text()
    return key, value, [((reader.text() or b"").decode(), reader.text()) for _ in range(reader.number())]


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        zigzag = shift = 0
        while True:
            byte = self._body[self._at]
            self._at += 1
            zigzag |= (byte & 0x7F) << shift
            if byte <= 0x7F:
                return zigzag >> 1 ^ -(zigzag & 1)
            shift += 7

    def text(self) -> bytes | None:
        size = self.number()
        if size < 0:
            return None
        self._at += size
        return self._body[self._at - size : self._at]

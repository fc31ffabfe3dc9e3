"""Bounds the size of an unpacked batch: a few KB of zstd can hold gigabytes of blanks.

The client's own functions have no bound; `worker.kafka.insides` replaces them by these.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from mmap import mmap
from threading import local

import cramjam
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

from worker.kafka.insides import Decode, is_in_xerial_blocks, replace_decoders

# Bytes. Senders keep a batch below 1 MB by default: Java's client after compression, librdkafka before. Our topics
# accept 12 MB. An honest sender writes JSON, which a compressor shrinks to a twentieth at best.
MOST_UNPACKED = 64 * 1024 * 1024
ORDINARY = 1024 * 1024  # bytes; most batches unpack to less, and each thread keeps a buffer of this size

# The text of cramjam's error when the output buffer is full; a test checks each codec.
FULL = "failed to write whole buffer"

# Java's clients compress by snappy in blocks, each after its size.
XERIAL_HEADER = 16  # bytes before the first block
BLOCK_SIZE = struct.Struct("!I")


class UnpacksTooLargeError(CorruptRecordException):
    """A batch unpacks to more than MOST_UNPACKED."""

    def __init__(self) -> None:
        super().__init__(f"a batch unpacks to more than {MOST_UNPACKED >> 20} MiB")

    def __str__(self) -> str:
        """The text alone."""
        return str(self.args[0])


# The client raises these for records that it can't unpack: a header name that is not UTF-8, a wrong checksum, an
# unknown codec, and a batch above the bound.
UNREADABLE = (UnicodeDecodeError, CorruptRecordException, UnsupportedCodecError)


class _Buffer(local):
    """A buffer in which each thread unpacks. The client gets a copy of the result."""

    def __init__(self) -> None:
        self.ordinary = memoryview(bytearray(ORDINARY))


_buffer = _Buffer()


def _bounded(unpack_into: Callable[[bytes | memoryview, memoryview], int]) -> Decode:
    """Make a decoder from ``unpack_into``, a function that never writes past the end of its buffer."""

    def decode(payload: bytes | memoryview) -> bytes:
        try:
            return bytes(_buffer.ordinary[: unpack_into(payload, _buffer.ordinary)])
        except cramjam.DecompressionError as error:
            if str(error) != FULL:
                raise CorruptRecordException(str(error)) from error
        return _decode_large(payload)

    def _decode_large(payload: bytes | memoryview) -> bytes:
        with mmap(-1, MOST_UNPACKED) as buffer, memoryview(buffer) as view:  # pages take memory only after a write
            try:
                return bytes(view[: unpack_into(payload, view)])
            except cramjam.DecompressionError as error:
                if str(error) == FULL:
                    raise UnpacksTooLargeError from None
                raise CorruptRecordException(str(error)) from error

    return decode


def _snappy_decode(payload: bytes | memoryview) -> bytes:
    """Unpack raw snappy, or the blocks of Java's clients; each block states its unpacked length."""
    try:
        if is_in_xerial_blocks(payload):
            return _unpack_blocks(memoryview(payload))
        if cramjam.snappy.decompress_raw_len(payload) > MOST_UNPACKED:
            raise UnpacksTooLargeError
        return bytes(cramjam.snappy.decompress_raw(payload))
    except (cramjam.DecompressionError, struct.error) as error:
        raise CorruptRecordException(str(error)) from error


def _unpack_blocks(payload: memoryview) -> bytes:
    unpacked, allowed, at = [], MOST_UNPACKED, XERIAL_HEADER
    while at < len(payload):
        (size,) = BLOCK_SIZE.unpack_from(payload, at)
        at += BLOCK_SIZE.size + size
        block = payload[at - size : at]
        allowed -= cramjam.snappy.decompress_raw_len(block)
        if allowed < 0:
            raise UnpacksTooLargeError
        unpacked.append(cramjam.snappy.decompress_raw(block))
    return b"".join(unpacked)


BOUNDED: dict[str, Decode] = {
    "gzip_decode": _bounded(cramjam.gzip.decompress_into),
    "lz4_decode": _bounded(cramjam.lz4.decompress_into),
    "snappy_decode": _snappy_decode,
    "zstd_decode": _bounded(cramjam.zstd.decompress_into),
}


def bound_unpacking() -> None:
    """Make every client of this process unpack at most MOST_UNPACKED of a batch. A second call changes nothing."""
    replace_decoders(BOUNDED)

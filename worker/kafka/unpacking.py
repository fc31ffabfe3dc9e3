"""Bounds what the client unpacks of a compressed batch: a few KB of zstd can hold gigabytes of blanks.

The client's own functions have no bound; `worker.kafka.insides` puts these in their place.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from mmap import mmap
from threading import local

import cramjam
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

from worker.kafka.insides import Decode, is_in_xerial_blocks, replace_decoders

# Bytes. Senders keep a batch below 1 MB by default: Java's as it is compressed, librdkafka's as it is uncompressed. Our
# topics take 12 MB. What an honest sender makes is JSON, of which a compressor leaves a twentieth at the least.
MOST_UNPACKED = 64 * 1024 * 1024
ORDINARY = 1024 * 1024  # bytes that most batches unpack to: for these the room is kept

# What cramjam says where the room it is given is full; a test asks each codec.
FULL = "failed to write whole buffer"

# Java packs by snappy in blocks, each with its size in front.
XERIAL_HEADER = 16  # bytes in front of the first
BLOCK_SIZE = struct.Struct("!I")


class UnpacksTooLargeError(CorruptRecordException):
    """A batch unpacks to more than MOST_UNPACKED."""

    def __init__(self) -> None:
        super().__init__(f"a batch unpacks to more than {MOST_UNPACKED >> 20} MiB")

    def __str__(self) -> str:
        """The text alone."""
        return str(self.args[0])


# What the client raises for records it can't unpack: a header's name that is no UTF-8, a wrong checksum, a codec, and
# more than it may unpack.
UNREADABLE = (UnicodeDecodeError, CorruptRecordException, UnsupportedCodecError)


class _Room(local):
    """Bytes that each thread unpacks into: what the client keeps is a copy."""

    def __init__(self) -> None:
        self.ordinary = memoryview(bytearray(ORDINARY))


_room = _Room()


def _bounded(unpack_into: Callable[[bytes | memoryview, memoryview], int]) -> Decode:
    """``unpack_into`` writes no further than the room reaches."""

    def decode(payload: bytes | memoryview) -> bytes:
        try:
            return bytes(_room.ordinary[: unpack_into(payload, _room.ordinary)])
        except cramjam.DecompressionError as error:
            if str(error) != FULL:
                raise CorruptRecordException(str(error)) from error
        return _decode_large(payload)

    def _decode_large(payload: bytes | memoryview) -> bytes:
        with mmap(-1, MOST_UNPACKED) as room, memoryview(room) as view:  # takes no memory before it is written to
            try:
                return bytes(view[: unpack_into(payload, view)])
            except cramjam.DecompressionError as error:
                if str(error) == FULL:
                    raise UnpacksTooLargeError from None
                raise CorruptRecordException(str(error)) from error

    return decode


def _snappy_decode(payload: bytes | memoryview) -> bytes:
    """Raw, or in the blocks that Java makes; each block tells its length."""
    try:
        if is_in_xerial_blocks(payload):
            return _unpack_blocks(memoryview(payload))
        if cramjam.snappy.decompress_raw_len(payload) > MOST_UNPACKED:
            raise UnpacksTooLargeError
        return bytes(cramjam.snappy.decompress_raw(payload))
    except (cramjam.DecompressionError, struct.error) as error:
        raise CorruptRecordException(str(error)) from error


def _unpack_blocks(payload: memoryview) -> bytes:
    unpacked, room, at = [], MOST_UNPACKED, XERIAL_HEADER
    while at < len(payload):
        (size,) = BLOCK_SIZE.unpack_from(payload, at)
        at += BLOCK_SIZE.size + size
        block = payload[at - size : at]
        room -= cramjam.snappy.decompress_raw_len(block)
        if room < 0:
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
    """Let no client of this process unpack more of a batch than MOST_UNPACKED; harmless when repeated."""
    replace_decoders(BOUNDED)

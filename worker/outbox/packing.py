"""Packs the messages of a batch into an outbox row."""

from collections.abc import Sequence
from typing import Any

import cramjam
import msgpack

from worker.concurrency import in_slices
from worker.records.message import Message


async def pack(messages: Sequence[Message]) -> bytes:
    """Messages as one outbox row: MessagePack, compressed with zstd. The database would take longer to compress it."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_array_header(len(messages))
    async for some in in_slices(messages):
        for message in some:
            packer.pack(message)
    return bytes(cramjam.zstd.compress(packer.getbuffer(), level=1))


def unpack(row: bytes) -> list[Message]:
    """The messages of an outbox row, byte for byte as they were packed."""
    return [_unpacked(*message) for message in msgpack.unpackb(bytes(cramjam.zstd.decompress(row)))]


def _unpacked(topic: str, partition: int | None, key: bytes | None, *rest: Any) -> Message:
    if len(rest) == 1:
        return Message(topic, partition, key, *rest)
    value, headers = rest  # the form of the release in `tests/upgrade/baseline.zip`; delete it with the next one
    return Message.of(topic, partition, key, value, [(name, text) for name, text in headers])

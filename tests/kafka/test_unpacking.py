"""Batches that unpack to more than they look: bounded in every codec, format and module of the client that unpacks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Literal

import pytest
from aiokafka import codec
from aiokafka.errors import CorruptRecordException
from aiokafka.record._crecords import default_records as fast_default
from aiokafka.record._crecords import legacy_records as fast_legacy
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy, _DefaultRecordBatchPy
from aiokafka.record.legacy_records import _LegacyRecordBatchBuilderPy, _LegacyRecordBatchPy

from worker.kafka import client  # noqa: F401 -- as every program of ours loads it
from worker.kafka.unpacking import BOUNDED, MOST_UNPACKED, ORDINARY, UnpacksTooLargeError

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
ENCODE: dict[str, Callable[..., bytes]] = {
    "gzip_decode": codec.gzip_encode,
    "snappy_decode": codec.snappy_encode,
    "lz4_decode": codec.lz4_encode,
    "zstd_decode": codec.zstd_encode,
}
MIB = 1 << 20

PEAK = """
import resource, sys
from pathlib import Path
from worker.kafka import client
from worker.kafka.unpacking import BOUNDED, UnpacksTooLargeError
payload = Path(sys.argv[2]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    BOUNDED[sys.argv[1]](payload)
except UnpacksTooLargeError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("compression", [GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("reader", [fast_default.DefaultRecordBatch, _DefaultRecordBatchPy])
def test_a_batch_that_unpacks_to_too_much_is_refused(reader: type, compression: int) -> None:
    """In either build of the client; a large one below the bound is read."""
    for size, fits in ((MOST_UNPACKED // 2, True), (MOST_UNPACKED, False)):
        builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 2 * MOST_UNPACKED)
        builder.append(0, 0, b"key", bytes(size), [])
        batch = reader(bytes(builder.build()))
        if fits:
            assert [len(record.value) for record in batch] == [size]
        else:
            with pytest.raises(UnpacksTooLargeError, match="more than 64 MiB"):
                list(batch)


@pytest.mark.parametrize(("magic", "compression"), [(0, GZIP), (0, SNAPPY), (1, GZIP), (1, SNAPPY), (1, LZ4)])
@pytest.mark.parametrize("reader", [fast_legacy.LegacyRecordBatch, _LegacyRecordBatchPy])
def test_a_message_set_of_an_old_format_is_bounded_too(reader: type, magic: Literal[0, 1], compression: int) -> None:
    """Logs that were written before Kafka 0.11 hold such."""
    for size, fits in ((MIB, True), (MOST_UNPACKED, False)):
        builder = _LegacyRecordBatchBuilderPy(magic, compression, 2 * MOST_UNPACKED)
        builder.append(0, 0, b"key", bytes(size))
        batch = reader(bytes(builder.build()), magic)
        if fits:
            assert [len(record.value) for record in batch] == [size]
        else:
            with pytest.raises(UnpacksTooLargeError):
                list(batch)


@pytest.mark.parametrize("name", ENCODE)
def test_what_an_honest_sender_packs_comes_out_whole(name: str) -> None:
    """The sizes lie around the room that is kept, one after the other."""
    for size in (1, 1000, ORDINARY - 1, ORDINARY, ORDINARY + 1, MOST_UNPACKED, 10):
        data = (b"0123456789" * (size // 10 + 1))[:size]
        assert BOUNDED[name](memoryview(ENCODE[name](data))) == data


def test_snappy_that_is_not_in_blocks_is_read_and_bounded() -> None:
    """The batch is packed as librdkafka packs it."""
    assert BOUNDED["snappy_decode"](codec.snappy_encode(b"a" * 100, xerial_compatible=False)) == b"a" * 100
    with pytest.raises(UnpacksTooLargeError):
        BOUNDED["snappy_decode"](codec.snappy_encode(bytes(MOST_UNPACKED + 1), xerial_compatible=False))


@pytest.mark.parametrize("name", ENCODE)
def test_what_is_broken_is_not_taken_for_too_large(name: str) -> None:
    """Cut short, and no such thing at all."""
    for payload in (ENCODE[name](b"0123456789" * 200_000)[:-9], b"\xffnothing of the kind" * 9):
        with pytest.raises(CorruptRecordException) as broken:
            BOUNDED[name](payload)
        assert not isinstance(broken.value, UnpacksTooLargeError)


@pytest.mark.parametrize("name", ENCODE)
def test_no_more_is_unpacked_than_the_bound(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """400 MiB of blanks: memory rises by no more than the bound and some change."""
    head = 16 if name == "snappy_decode" else 0
    piece = ENCODE[name](b" " * MIB)
    file = tmp_path_factory.mktemp("bomb") / name
    file.write_bytes(piece[:head] + piece[head:] * 400)
    ran = subprocess.run([sys.executable, "-c", PEAK, name, file], capture_output=True, text=True, check=True)
    assert int(ran.stdout) * 1024 < MOST_UNPACKED + 16 * MIB

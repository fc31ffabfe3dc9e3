"""Where a key goes."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from worker.kafka.partitions import partition_of


@given(st.binary(max_size=64), st.integers(1, 1000))
def test_a_key_goes_where_other_producers_send_it(key: bytes, count: int) -> None:
    """Whoever joins `lead-assigned` with a topic of his own relies on it."""
    partitions = list(range(count))
    assert partition_of(key, count) == DefaultPartitioner()(key, partitions, partitions)


@pytest.mark.parametrize(
    ("key", "hashed"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)]
)
def test_it_is_the_hash_of_kafka_itself(key: bytes, hashed: int) -> None:
    """From the tests of Apache Kafka, UtilsTest.testMurmur2."""
    assert partition_of(key, 2**31) == hashed & 0x7FFFFFFF

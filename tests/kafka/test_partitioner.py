"""Where a key goes."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from worker.kafka.partitioner import hashes_of


@given(st.lists(st.binary(max_size=64)), st.integers(1, 1000))
def test_a_key_goes_where_other_producers_send_it(keys: list[bytes], count: int) -> None:
    """Whoever joins `lead-assigned` with a topic of his own relies on it."""
    partitions = list(range(count))
    assert [hashed % count for hashed in hashes_of(keys)] == [
        DefaultPartitioner()(key, partitions, partitions) for key in keys
    ]


@given(st.lists(st.binary(min_size=12, max_size=15), min_size=20))
def test_keys_that_are_hashed_together_do_not_touch_each_other(keys: list[bytes]) -> None:
    assert hashes_of(keys) == [hashes_of([key])[0] for key in keys]


@pytest.mark.parametrize(
    ("key", "hashed"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)]
)
def test_it_is_the_hash_of_kafka_itself(key: bytes, hashed: int) -> None:
    """From the tests of Apache Kafka, UtilsTest.testMurmur2."""
    assert hashes_of([key]) == [hashed & 0x7FFFFFFF]

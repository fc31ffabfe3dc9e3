"""Records as bytes; aiokafka's own encoder is the oracle."""

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stories import search
from worker.records.encoding import decode, encode, varint
from worker.records.record import Header

BATCH_HEADER = 61  # bytes
BEFORE = 3  # bytes of a record before its key: attributes, time and place, all zero in the first of a batch

anything = st.none() | st.binary(max_size=50)
large = st.integers(60, 70) | st.integers(8180, 8200) | st.integers(1_048_570, 1_048_580)
headers = st.lists(st.tuples(st.text(max_size=70), anything), max_size=70)


def by_aiokafka(key: bytes | None, value: bytes | None, headers: list[Header]) -> bytes:
    """The end of a record that is alone in its batch."""
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=2**30
    )
    builder.append(0, timestamp=0, key=key, value=value, headers=headers)
    record = bytes(builder.build())[BATCH_HEADER:]
    length = next(place for place, byte in enumerate(record) if byte < 0x80) + 1
    assert record[length : length + BEFORE] == bytes(BEFORE)
    return record[length + BEFORE :]


@search(300)
@given(anything, anything | st.builds(bytes, large), headers)
def test_a_record_is_encoded_as_by_the_client(key: bytes | None, value: bytes | None, headers: list[Header]) -> None:
    """And decoded to what it was."""
    body = encode(key, value, headers)
    assert body == by_aiokafka(key, value, headers)
    assert decode(body) == (key, value, headers)


def test_a_number_is_as_the_format_says() -> None:
    """By hand: doubled for the sign, seven bits a byte, all but the last with the highest bit set."""
    assert [varint(number).hex() for number in (0, 1, 63, 64, 8191, 8192)] == [
        *("00", "02", "7e", "8001", "fe7f", "808001"),
    ]

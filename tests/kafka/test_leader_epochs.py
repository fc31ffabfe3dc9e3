"""Epochs of leaders, as batches of records carry them."""

from struct import pack

from worker.kafka.leader_epochs import UNKNOWN, epoch_of


def batch(epoch: int, magic: int = 2, size: int = 30) -> bytes:
    """Its offset, its length behind the first twelve bytes, the leader's epoch, the format, and records."""
    return pack(">qiib", 7, size, epoch, magic) + bytes(size - 5)


def test_the_newest_epoch_counts() -> None:
    """An answer may hold batches of several leaders; the last one may be cut off anywhere."""
    assert epoch_of(batch(3) + batch(5) + batch(4)) == 5
    assert epoch_of(batch(3) + batch(5)[:20]) == 5
    assert epoch_of(batch(3) + batch(5)[:16]) == 3


def test_older_formats_have_none() -> None:
    """Where theirs is, other things are."""
    assert epoch_of(batch(3, magic=1)) == UNKNOWN
    assert epoch_of(b"") == UNKNOWN


def test_a_length_that_is_no_length_ends() -> None:
    """It is not in a batch's checksum."""
    assert epoch_of(pack(">qiib", 7, -12, 2, 2) * 3) == 2

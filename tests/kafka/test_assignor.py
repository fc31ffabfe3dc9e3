"""Which member of the group reads which partitions."""

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata

from worker.kafka.group.assignor import LeadAssignor


class Cluster(ClusterMetadata):
    """Knows how many partitions there are, and no more."""

    def __init__(self, **counts: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no annotations
        self._counts = counts

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return set(range(self._counts[topic])) if topic in self._counts else None


def shared(cluster: Cluster, **subscriptions: list[str]) -> dict[str, dict[str, list[int]]]:
    """The partitions that each member gets."""
    members = {name: ConsumerProtocolMemberMetadata(0, topics, b"") for name, topics in subscriptions.items()}
    return {name: dict(given.assignment) for name, given in LeadAssignor.assign(cluster, members).items()}


def test_equal_topics_are_shared_by_range() -> None:
    """A key's partition has the same number in every topic, and one member has them all."""
    assert shared(Cluster(order=4, paid=4), a=["order", "paid"], b=["order", "paid"]) == {
        "a": {"order": [0, 1], "paid": [0, 1]},
        "b": {"order": [2, 3], "paid": [2, 3]},
    }


def test_unequal_topics_are_read_by_one_member() -> None:
    """A key's partitions have different numbers then; any two members would share some lead."""
    assert shared(Cluster(order=3, paid=2), b=["order", "paid"], a=["order", "paid"]) == {
        "a": {"order": [0, 1, 2], "paid": [0, 1]},
        "b": {},
    }


def test_who_reads_alone_reads_all_topics() -> None:
    """A stranger in the group, who wants one topic only, is not given all there is."""
    assert shared(Cluster(order=3, paid=2), a=["order"], b=["order", "paid"]) == {
        "a": {},
        "b": {"order": [0, 1, 2], "paid": [0, 1]},
    }


def test_a_topic_that_is_missing_is_not_unequal() -> None:
    """It has no leads."""
    assert shared(Cluster(order=2), a=["order", "paid"], b=["order", "paid"]) == {
        "a": {"order": [0]},
        "b": {"order": [1]},
    }

"""The topics that a worker needs: creates missing ones, and compares all with the needs of the guarantees."""

from worker.cluster.topics.check import check, faults, unreadable_topics
from worker.cluster.topics.create import create
from worker.cluster.topics.fault import Fault, TopicsUnfitError, Weight
from worker.cluster.topics.needed import HEADER_ROOM, names, needed

__all__ = [
    "HEADER_ROOM",
    "Fault",
    "TopicsUnfitError",
    "Weight",
    "check",
    "create",
    "faults",
    "names",
    "needed",
    "unreadable_topics",
]

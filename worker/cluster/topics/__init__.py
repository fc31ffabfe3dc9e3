"""The topics a worker needs: made where they are missing, compared with what the guarantees rest on, and watched."""

from worker.cluster.topics.check import check, faults, unseen
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
    "unseen",
]

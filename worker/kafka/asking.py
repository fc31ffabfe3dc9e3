"""Keeps the client from making topics by asking about them.

Brokers with ``auto.create.topics.enable=true``, which is Kafka's default, make a topic that a metadata request names,
unless the request forbids it. The client's own requests never do: not when it subscribes, not when it refreshes what it
knows, not when it looks for the partitions of a topic. A topic made so has the brokers' defaults, mostly one partition.
"""

from __future__ import annotations

from functools import partial
from types import ModuleType

from aiokafka import client
from aiokafka.admin import client as admin
from aiokafka.protocol.metadata import MetadataRequest

# Every module of the client that makes such requests; a test asks all of them.
ASKING: tuple[ModuleType, ...] = (client, admin)


def forbid_making() -> None:
    """Let no client of this process have brokers make a topic; harmless when repeated."""
    for module in ASKING:
        assert hasattr(module, "MetadataRequest")  # noqa: S101 -- else another release of the client has it elsewhere
        vars(module)["MetadataRequest"] = partial(MetadataRequest, allow_auto_topic_creation=False)

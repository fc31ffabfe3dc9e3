"""A cluster's report of the logs that it holds."""

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.structs import BrokerMetadata

from tests.stage.stage import Stage
from worker.embedded.ports import HOST, free_port
from worker.kafka import metadata
from worker.kafka.admin import administration
from worker.kafka.logs import Logs
from worker.kafka.requests.metadata import MetadataRequest


async def test_every_topic_has_an_id_of_its_own(stage: Stage) -> None:
    """And keeps it; a topic that does not exist is an error, and is not made by asking."""
    names = stage.topics.values()
    async with administration(stage.settings.kafka) as admin:
        found = await admin.logs(names)
        assert found.cluster_id
        assert found.topics.keys() == set(names)
        assert len(set(found.topics.values()) - {None}) == len(names)
        assert await admin.logs(names) == found
        for _ in range(2):
            with pytest.raises(UnknownTopicOrPartitionError):
                await admin.logs([*names, "no-such-topic"])


async def test_a_broker_that_is_away_is_passed_over(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client knows of it for minutes."""
    names = stage.topics.values()
    monkeypatch.setattr(metadata, "shuffle", lambda nodes: nodes.sort(reverse=True))
    async with administration(stage.settings.kafka) as admin:
        found = await admin.logs(names)
        admin._client._client.cluster._brokers[99] = BrokerMetadata(99, HOST, free_port(), None)
        assert await admin.logs(names) == found


async def test_of_a_broker_that_knows_no_ids_only_the_cluster_is_known(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One before 2.8: asked by the newest version that it takes."""
    names = stage.topics.values()
    async with administration(stage.settings.kafka) as admin:
        found = await admin.logs(names)
        monkeypatch.setattr(MetadataRequest, "_CLASSES", (MetadataRequest_v5,))
        assert await admin.logs(names) == Logs(found.cluster_id, dict.fromkeys(names))

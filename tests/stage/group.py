"""The consumer group as its coordinator sees it."""

from __future__ import annotations

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest


async def expel_all(bootstrap_servers: str, group_id: str) -> None:
    """What the end of their session would do to members that are dead, without waiting for it."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await client.start()
        described: Any
        (described,) = await client.describe_consumer_groups([group_id])
        coordinator = await client.find_coordinator(group_id)
        for member_id, *_ in described.groups[0][5]:
            await client._send_request_to_node(coordinator, LeaveGroupRequest(group_id, member_id))
    finally:
        await client.close()

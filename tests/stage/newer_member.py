"""A member of a consumer group that speaks the newer protocol (KIP-848); the client does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

JOINS, LEAVES = 0, -1  # in place of an epoch
BEAT_SECONDS = 0.5


class _HeartbeatResponse_v0(Response):  # noqa: N801 -- named as the client names its own
    """Its beginning; what the member is to read is of no interest here."""

    API_KEY = 68
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString()),
        ("member_id", CompactString()),
        ("member_epoch", Int32),
    )


class _HeartbeatRequest_v0(RequestStruct):  # noqa: N801 -- as above
    FLEXIBLE_VERSION = True
    API_KEY = 68
    API_VERSION = 0
    RESPONSE_TYPE = _HeartbeatResponse_v0
    SCHEMA = Schema(
        ("group_id", CompactString()),
        ("member_id", CompactString()),
        ("member_epoch", Int32),
        ("instance_id", CompactString()),
        ("rack_id", CompactString()),
        ("rebalance_timeout_ms", Int32),
        ("subscribed_topic_names", CompactArray(CompactString())),
        ("server_assignor", CompactString()),
        ("topic_partitions", CompactArray(Int32)),  # none, or null: as before
        ("tags", TaggedFields),
    )


class _Heartbeat(Request[_HeartbeatRequest_v0]):
    API_KEY = 68

    def __init__(self, group_id: str, member: Membership, topics: Sequence[str] | None) -> None:
        self._fields: tuple[Any, ...] = group_id, *member, None, None, 30_000, topics, None, [] if topics else None, {}

    def build(self, request_struct_class: type[_HeartbeatRequest_v0]) -> _HeartbeatRequest_v0:
        return request_struct_class(*self._fields)


class Membership(NamedTuple):
    id: str
    epoch: int


@asynccontextmanager
async def newer_member(
    bootstrap_servers: str, group_id: str, client_id: str, topics: Sequence[str]
) -> AsyncIterator[None]:
    """A member that holds what it is given for the length of the block, and reads nothing."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap_servers, client_id=client_id)
    await client.bootstrap()
    coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group_id)

    async def beat(member: Membership, topics: Sequence[str] | None = None) -> Membership:
        answer: Any = await client.send(coordinator, _Heartbeat(group_id, member, topics))
        if answer.error_code:
            raise for_code(answer.error_code)(answer.error_message)
        return Membership(answer.member_id, answer.member_epoch)

    member = await beat(Membership("", JOINS), topics)

    async def stay() -> None:
        nonlocal member
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            member = await beat(member)

    staying = asyncio.create_task(stay())
    try:
        yield
    finally:
        staying.cancel()
        await asyncio.wait({staying})
        await beat(Membership(member.id, LEAVES))
        await client.close()

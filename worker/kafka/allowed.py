"""What the brokers let this user do, as far as they tell."""

from __future__ import annotations

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct

# By the protocol's numbers; the names are those of kafka-acls.sh.
OPERATIONS = {3: "Read", 4: "Write", 5: "Create", 8: "Describe", 10: "DescribeConfigs"}
NOT_TOLD = -(2**31)
TRANSACTION = 1  # the kind of coordinator


def operations(bits: int | None) -> frozenset[str] | None:
    """The operations by their names; None where the brokers do not tell."""
    if bits is None or bits == NOT_TOLD:
        return None
    return frozenset(name for number, name in OPERATIONS.items() if bits & 1 << number)


async def on_group(client: AIOKafkaAdminClient, group_id: str) -> frozenset[str] | None:
    """What may be done with a consumer group; None where the brokers do not tell. Raises KafkaError."""
    try:
        coordinator = await client.find_coordinator(group_id)
        answer: Any = await client._client.send(coordinator, _DescribeGroup(group_id))
    except GroupAuthorizationFailedError:
        return frozenset()
    ((code, *_, bits),) = answer.groups
    return frozenset() if code == GroupAuthorizationFailedError.errno else operations(bits)


async def sees_transactional_id(client: AIOKafkaAdminClient, transactional_id: str) -> bool:
    """Whether it may at least be looked at; what else may be done, brokers do not tell. Raises KafkaError."""
    try:
        await client.find_coordinator(transactional_id, TRANSACTION)
    except TransactionalIdAuthorizationFailed:
        return False
    return True


class _DescribeGroupRequest_v3(RequestStruct):  # noqa: N801 -- named as the client names its own
    """The client's own reads the answer as one of version 2, without the rights."""

    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = DescribeGroupsResponse_v3
    SCHEMA = DescribeGroupsRequest_v3.SCHEMA


class _DescribeGroup(Request[_DescribeGroupRequest_v3]):
    API_KEY = 15

    def __init__(self, group_id: str) -> None:
        self._group_id = group_id

    def build(self, request_struct_class: type[_DescribeGroupRequest_v3]) -> _DescribeGroupRequest_v3:
        return request_struct_class(groups=[self._group_id], include_authorized_operations=True)

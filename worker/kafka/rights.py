"""The rights of this user, as far as brokers tell them."""

from __future__ import annotations

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed

from worker.kafka.insides import connections
from worker.kafka.requests.describe_groups import DescribeGroupsRequest

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
    """The operations that are allowed on a consumer group; None where the brokers do not tell. Raises KafkaError."""
    try:
        coordinator = await client.find_coordinator(group_id)
        answer: Any = await connections(client).send(coordinator, DescribeGroupsRequest(group_id))
    except GroupAuthorizationFailedError:
        return frozenset()
    ((code, *_, bits),) = answer.groups
    return frozenset() if code == GroupAuthorizationFailedError.errno else operations(bits)


async def sees_transactional_id(client: AIOKafkaAdminClient, transactional_id: str) -> bool:
    """True where the user may at least look at the id; brokers tell no more of it. Raises KafkaError."""
    try:
        await client.find_coordinator(transactional_id, TRANSACTION)
    except TransactionalIdAuthorizationFailed:
        return False
    return True

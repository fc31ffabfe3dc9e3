"""The rights of this user, if the brokers report them."""

from __future__ import annotations

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed

from worker.kafka.insides import connections
from worker.kafka.requests.describe_groups import DescribeGroupsRequest

# By the protocol's numbers; kafka-acls.sh has the same names.
OPERATIONS = {3: "Read", 4: "Write", 5: "Create", 8: "Describe", 10: "DescribeConfigs"}
NOT_REPORTED = -(2**31)
TRANSACTION = 1  # the protocol's number for a coordinator of transactions


def operations(bits: int | None) -> frozenset[str] | None:
    """Decode the operations from the bits of the answer; None if the brokers do not report them."""
    if bits is None or bits == NOT_REPORTED:
        return None
    return frozenset(name for number, name in OPERATIONS.items() if bits & 1 << number)


async def on_group(client: AIOKafkaAdminClient, group_id: str) -> frozenset[str] | None:
    """Ask for the operations that the user may do on a consumer group.

    Returns None if the brokers do not report them. Raises KafkaError.
    """
    try:
        coordinator = await client.find_coordinator(group_id)
        answer: Any = await connections(client).send(coordinator, DescribeGroupsRequest(group_id))
    except GroupAuthorizationFailedError:
        return frozenset()
    ((code, *_, bits),) = answer.groups
    return frozenset() if code == GroupAuthorizationFailedError.errno else operations(bits)


async def sees_transactional_id(client: AIOKafkaAdminClient, transactional_id: str) -> bool:
    """True if the user may describe the id. Brokers report nothing more about it. Raises KafkaError."""
    try:
        await client.find_coordinator(transactional_id, TRANSACTION)
    except TransactionalIdAuthorizationFailed:
        return False
    return True

"""Bounds that brokers set to members of consumer groups, and the line for each that keeps a worker out."""

from __future__ import annotations

from aiokafka.errors import BrokerResponseError, KafkaError

from worker.kafka import RefusalError
from worker.kafka.insides import register_error

SESSION_MS = 10_000  # without a heartbeat, after which the coordinator gives a member's partitions to others


class GroupMaxSizeReachedError(BrokerResponseError):
    """Code 81 of the protocol, which aiokafka lacks."""

    errno = 81
    message = "GROUP_MAX_SIZE_REACHED"
    description = "The consumer group has reached its maximum number of members."


register_error(GroupMaxSizeReachedError)


def is_full(error: KafkaError) -> bool:
    """True where the group takes no more members. The client hands on only the words of what the coordinator says."""
    return GroupMaxSizeReachedError.__name__ in str(error)


class SessionTimeoutError(RefusalError):
    """The brokers do not take members with the worker's session timeout."""

    def __init__(self) -> None:
        super().__init__(
            f"the brokers refuse group members with a session timeout of {SESSION_MS} ms: set "
            f"group.min.session.timeout.ms to {SESSION_MS} or less and group.max.session.timeout.ms to {SESSION_MS} or "
            "more in every broker's configuration"
        )


class GroupFullError(RefusalError):
    """The group has as many members as the brokers allow."""

    def __init__(self, group_id: str) -> None:
        super().__init__(
            f"group {group_id} has as many members as the brokers' setting group.max.size allows: set it to the number "
            "of workers or more in every broker's configuration, or run fewer workers"
        )

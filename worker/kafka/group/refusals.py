"""Limits that brokers set to members of consumer groups, and an error text for each."""

from __future__ import annotations

from aiokafka.errors import BrokerResponseError, KafkaError

from worker.kafka import RefusalError
from worker.kafka.insides import register_error

SESSION_MS = 10_000  # without a heartbeat for this long, a member loses its partitions


class GroupMaxSizeReachedError(BrokerResponseError):
    """Error code 81 of the protocol, which aiokafka lacks."""

    errno = 81
    message = "GROUP_MAX_SIZE_REACHED"
    description = "The consumer group has reached its maximum number of members."


register_error(GroupMaxSizeReachedError)


def is_full(error: KafkaError) -> bool:
    """True if the group accepts no more members. The client passes on only the text of the coordinator's answer."""
    return GroupMaxSizeReachedError.__name__ in str(error)


class SessionTimeoutError(RefusalError):
    """The brokers refuse members with the worker's session timeout."""

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

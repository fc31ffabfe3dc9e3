"""Models of the headers of records. Kafka holds bytes; the models describe them as UTF-8 text.

A name may occur more than once, and the last one counts. The worker ignores all other headers.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from contracts.types import EventId, Id, Message, Time

# A missing header has no null in its place.
_MISSING: Final = Field(default_factory=lambda: None)
_Traceparent = Annotated[
    str,
    StringConstraints(
        strict=True, min_length=55, max_length=55, pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
    ),
]
_Topic = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=249, pattern=r"^[a-zA-Z0-9._-]+$")]
_ValueLeftOut = Annotated[str, StringConstraints(strict=True, pattern=r"^(0|[1-9][0-9]*) bytes, .*\[[0-9]+\]@[0-9]+$")]
_Number = Annotated[str, StringConstraints(strict=True, max_length=19, pattern=r"^(0|[1-9][0-9]*)$")]


class InboundHeaders(Message):
    """Headers of the records that the worker reads. None is required, and no value of them is a fault."""

    traceparent: Annotated[str | SkipJsonSchema[None], _MISSING]
    """W3C trace context. The announcement continues its trace. The worker drops a malformed one. Optional."""


class LeadAssignedHeaders(Message):
    """Headers of `lead-assigned`: CloudEvents 1.0 in binary mode. A reader may ignore them: the value has the same."""

    ce_specversion: Literal["1.0"]
    """Version of CloudEvents."""

    ce_id: EventId
    """`event_id` of the value."""

    ce_type: Literal["salesplan.lead.assigned.v1"]
    """The type of the message, and the version of its schema."""

    ce_source: Literal["/salesplan"]
    """The sender."""

    ce_subject: Id
    """`lead_id` of the value."""

    ce_time: Time
    """`occurred_at` of the value."""

    content_type: Annotated[Literal["application/json"], Field(alias="content-type")]
    """The value is JSON in UTF-8."""

    traceparent: Annotated[_Traceparent | SkipJsonSchema[None], _MISSING]
    """W3C trace context in the trace of the event that brought the lead in. Missing where that event had none."""


class DeadLetterHeaders(Message):
    """Headers of a dead letter. They stand behind the record's own headers, which do not change.

    A record that was a dead letter before has older headers of these names in front: the last ones count.
    """

    topic: Annotated[_Topic, Field(alias="__dlq.errors.topic")]
    """Topic of the record."""

    partition: Annotated[_Number, Field(alias="__dlq.errors.partition")]
    """Partition of the record. The dead letter is on the partition of the same number."""

    offset: Annotated[_Number, Field(alias="__dlq.errors.offset")]
    """Offset of the record."""

    group: Annotated[str, Field(alias="__dlq.errors.group"), StringConstraints(strict=True, min_length=1)]
    """Consumer group of the workers that read it."""

    message: Annotated[str, Field(alias="__dlq.errors.message"), StringConstraints(strict=True, min_length=1)]
    """Each wrong field, and the value to send instead. It repeats nothing of the value."""

    exception: Annotated[str, Field(alias="__dlq.errors.exception"), StringConstraints(strict=True, min_length=1)]
    """Class of the error in the worker's code. It may change."""

    value: Annotated[_ValueLeftOut | SkipJsonSchema[None], _MISSING, Field(alias="__dlq.errors.value")]
    """Only in a letter that is too large for its topic. The letter then lacks the value, and perhaps the record's own
    headers and key. This header tells the value's size in bytes, and at its end the record, like `order[3]@90817`."""


HEADERS: Final[Mapping[str, type[Message]]] = MappingProxyType(
    {"lead-assigned.headers": LeadAssignedHeaders, "dead-letter-headers": DeadLetterHeaders}
)
"""The model of the headers of each message that the worker sends, by the name of its golden example."""

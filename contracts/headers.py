"""The headers beside the values: Kafka holds bytes, here is the text that they are in UTF-8.

A name may come more than once; the last one holds. Headers that are not described here mean nothing to us.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from contracts.types import EventId, Id, Message, Time

# Where a header is missing there is none: no null stands for it.
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
    """Headers of what we read. None is needed, and what they hold is never a fault."""

    traceparent: Annotated[str | SkipJsonSchema[None], _MISSING]
    """W3C trace context; its trace goes on with what the event causes. Dropped where it has another form. Optional."""


class LeadAssignedHeaders(Message):
    """Headers of `lead-assigned`: CloudEvents 1.0 in binary mode. They repeat the value; a reader may ignore them."""

    ce_specversion: Literal["1.0"]
    """Version of CloudEvents."""

    ce_id: EventId
    """`event_id` of the value."""

    ce_type: Literal["salesplan.lead.assigned.v1"]
    """What the message is, and the version of its schema."""

    ce_source: Literal["/salesplan"]
    """Who sends it."""

    ce_subject: Id
    """`lead_id` of the value."""

    ce_time: Time
    """`occurred_at` of the value."""

    content_type: Annotated[Literal["application/json"], Field(alias="content-type")]
    """The value is JSON in UTF-8."""

    traceparent: Annotated[_Traceparent | SkipJsonSchema[None], _MISSING]
    """W3C trace context, in the trace of the event that brought the lead in; missing where that had none."""


class DeadLetterHeaders(Message):
    """Headers of a dead letter, behind those that the record came with, which stay as they were.

    Where the record was a dead letter before, its old headers of these names come first: the last ones hold.
    """

    topic: Annotated[_Topic, Field(alias="__dlq.errors.topic")]
    """Topic that the record was read from."""

    partition: Annotated[_Number, Field(alias="__dlq.errors.partition")]
    """Its partition there; the dead letter is on the partition of the same number."""

    offset: Annotated[_Number, Field(alias="__dlq.errors.offset")]
    """Its offset there."""

    group: Annotated[str, Field(alias="__dlq.errors.group"), StringConstraints(strict=True, min_length=1)]
    """Consumer group of the workers that read it."""

    message: Annotated[str, Field(alias="__dlq.errors.message"), StringConstraints(strict=True, min_length=1)]
    """What is wrong, each field with what to send instead; nothing of the value is repeated."""

    exception: Annotated[str, Field(alias="__dlq.errors.exception"), StringConstraints(strict=True, min_length=1)]
    """Class of the error, for whoever looks it up in our code; it may change."""

    value: Annotated[_ValueLeftOut | SkipJsonSchema[None], _MISSING, Field(alias="__dlq.errors.value")]
    """The dead-letter topic does not take the record whole: the letter goes without its value, perhaps also without the
    record's own headers and key. Says how many bytes the value has, and at the end where the record lies, as
    `order[3]@90817`. Missing where the letter is whole."""


HEADERS: Final[Mapping[str, type[Message]]] = MappingProxyType(
    {"lead-assigned.headers": LeadAssignedHeaders, "dead-letter-headers": DeadLetterHeaders}
)
"""The model of the headers of what we send, by the name of their golden example."""

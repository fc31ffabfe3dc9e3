"""Types that both directions share. Each has the rule that a sender needs to correct a fault."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

ID_RULE: Final = "a string of 1 to 128 printable characters"
EVENT_ID_RULE: Final = "a UUID as a string of 36 characters, like 0199a3c0-7d11-7c43-8000-5a0f3f8f6f10"
TIME_RULE: Final = (
    "an RFC 3339 string with zone, from 1970 to 9998, seconds 00 to 59 with up to 9 decimals, "
    "like 2026-11-23T10:00:00.123Z"
)
AMOUNT_RULE: Final = 'a decimal as a string, 0 to 999999999999.99 with at most two decimals, like "149.00"'
CURRENCY_RULE: Final = 'three capital letters (ISO 4217), like "USD"'
MONEY_RULE: Final = 'an object like {"amount": "149.00", "currency": "USD"}'

# No C0, DEL or C1, no U+2028 or U+2029. Rust's regex (pydantic), ECMA's (JSON Schema) and Python's `re` read this
# pattern alike, with one exception: Python's `$` also matches before a final line break. So a Python sender that checks
# by hand must use `re.fullmatch`.
_ID_PATTERN: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
_HEX: Final = "[0-9a-fA-F]"
_UUID_PATTERN: Final = f"^{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}$"
_TIME_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# An earlier time fits datetime and timestamptz in UTC too, in every zone.
_TOO_LATE: Final = datetime(9999, 1, 1, tzinfo=UTC)

TriggerKind = Literal["subscription", "order", "failed-payment", "paid"]
"""The kind of event that brings a lead in: the default name of its topic, even where a setting renames the topic."""

Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128, pattern=_ID_PATTERN)]
"""Id of an account, lead, manager, LGT, offer, order or plan; compared byte for byte, without normalisation."""


class _Uuid:
    """Accepts only text in the usual form. Pydantic alone also reads `urn:uuid:...`, braces and bare digits."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, min_length=36, max_length=36, pattern=_UUID_PATTERN)
        return core_schema.chain_schema([text, core_schema.uuid_schema()])

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "format": "uuid",
            "minLength": 36,
            "maxLength": 36,
            "pattern": _UUID_PATTERN,
        }


EventId = Annotated[UUID, _Uuid]
"""Id of an event. Read from text only, capitals allowed; written in lower case."""


class _Rfc3339:
    """Accepts only text with a zone. Pydantic alone also reads 1700000000 and "1700000000" as a time."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.str_schema(strict=True, pattern=_TIME_PATTERN),
                core_schema.datetime_schema(tz_constraint="aware", ge=_EARLIEST, lt=_TOO_LATE),
            ]
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time", "pattern": _TIME_PATTERN}


def rfc3339(moment: datetime) -> str:
    """The form that the worker sends: UTC, `Z`, milliseconds, or microseconds where the time has them."""
    timespec = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


Time = Annotated[datetime, _Rfc3339, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""A moment with its zone. Read from text only; decimals beyond the sixth are cut off."""


class Message(BaseModel):
    """Base of all models. Readers ignore unknown fields, so a newer sender never breaks an older reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, use_attribute_docstrings=True)


class Money(Message):
    """An exact sum of money, as text. Readers turn JSON numbers into floats, which are not exact."""

    amount: Annotated[
        str, StringConstraints(strict=True, max_length=15, pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$")
    ]
    """Decimal, not negative, at most twelve digits before the point and two behind it (`numeric(14,2)`)."""

    currency: Annotated[str, StringConstraints(strict=True, min_length=3, max_length=3, pattern=r"^[A-Z]{3}$")]
    """ISO 4217 code."""

"""Sales plans in the YAML file that people write: the fields of a plan, and their checks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from contracts.types import Id
from worker.plans import yaml as planyaml
from worker.plans.faults import (
    Fault,
    LgtTwice,
    NamedTwice,
    NoColor,
    NotAmount,
    NotColor,
    NotList,
    NotPlanId,
    NotText,
    NotWords,
    PlanIdTwice,
)
from worker.plans.pydantic_faults import UnfitError, fault_of
from worker.rules.event import Trigger
from worker.rules.plan import Mode

T = TypeVar("T")

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?")
_CENT = Decimal("0.01")


class PlanFileError(Exception):
    """The file has faults; ``faults`` has each of them with its field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def _exact_amount(value: object) -> object:
    """An exact decimal from text or Decimal. A float is refused, because it has lost digits already."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, Decimal) and 0 <= value < Decimal("1e12") and value == round(value, 2):
        return value.quantize(_CENT)
    raise UnfitError(NotAmount())


def _without_repeats(items: tuple[T, ...]) -> tuple[T, ...]:
    counts = Counter(str(getattr(item, "id", item)) for item in items)
    if twice := sorted((name for name, count in counts.items() if count > 1), key=repr):
        raise UnfitError(NamedTwice(tuple(twice)))
    return items


def _list(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise UnfitError(NotList())
    return value


def _words(value: str) -> str:
    if not value.strip() or re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        raise UnfitError(NotWords())
    return value


Title = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120), AfterValidator(_words)]
"""A name that people read."""

Ids = Annotated[tuple[Id, ...], BeforeValidator(_list), AfterValidator(_without_repeats)]


class Part(BaseModel):
    """Base of all parts of a plan file. Values are frozen, and an unknown field is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Manager(Part):
    """A manager in a plan; a paused one takes no new leads."""

    id: Id
    paused: Annotated[bool, Field(strict=True)] = False


class Tag(Part):
    """A label that the chat list shows beside a lead."""

    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=30), AfterValidator(_words)]
    color: str | None = None

    @field_validator("color", mode="before")
    @classmethod
    def _rrggbb(cls, value: object) -> str:
        if value is None:
            raise UnfitError(NoColor())
        if not isinstance(value, str) or not re.fullmatch("#[0-9a-fA-F]{6}", value):
            raise UnfitError(NotColor())
        return value.lower()


class Offers(Part):
    """Offers whose order, failed payment or payment bring a lead in."""

    ordered: Ids = ()
    payment_failed: Ids = ()
    paid: Ids = ()

    def all(self) -> frozenset[str]:
        """All offers of the three lists."""
        return frozenset((*self.ordered, *self.payment_failed, *self.paid))


def _manager_fields(value: object) -> object:
    if isinstance(value, Decimal | bool):
        raise UnfitError(NotText())
    return {"id": value} if isinstance(value, str) else value


class PlanSpec(Part):
    """All fields of a plan that people decide."""

    id: str
    name: Title
    conversion_percent: Annotated[Decimal, BeforeValidator(_exact_amount), Field(le=100)]
    average_sale: Annotated[Decimal, BeforeValidator(_exact_amount)]
    label: Tag | None = None
    managers: Annotated[
        tuple[Annotated[Manager, BeforeValidator(_manager_fields)], ...],
        BeforeValidator(_list),
        AfterValidator(_without_repeats),
    ]
    lgts: Ids = ()
    offers: Offers = Offers()
    mode: Mode = Mode.EVEN

    @property
    def refs(self) -> Mapping[Trigger, tuple[str, ...]]:
        """The LGTs or offers whose events bring a lead in, by kind of event."""
        return {
            Trigger.SUBSCRIPTION: self.lgts,
            Trigger.ORDER: self.offers.ordered,
            Trigger.FAILED_PAYMENT: self.offers.payment_failed,
            Trigger.PAID: self.offers.paid,
        }

    @field_validator("id", mode="before")
    @classmethod
    def _slug(cls, value: object) -> str:
        if not isinstance(value, str) or len(value) > 128 or not SLUG.fullmatch(value):
            raise UnfitError(NotPlanId())
        return value


class PlanFile(Part):
    """Plans of one account. ``salesplan plans apply`` makes the stored plans equal to them."""

    account: Id
    plans: Annotated[tuple[PlanSpec, ...], BeforeValidator(_list), Field(min_length=1)]


def parse(text: str | bytes) -> PlanFile:
    """Read the plans of a file. Raises PlanFileError with all faults."""
    try:
        raw = planyaml.load(text)
    except planyaml.YamlError as error:
        raise PlanFileError([Fault("", error.fault)]) from None
    return check_plans(raw)


def check_plans(raw: Any) -> PlanFile:
    """Check the fields of a file, with numbers as text or decimals. Raises PlanFileError with all faults."""
    faults = list(_across_plans(raw))
    try:
        file = PlanFile.model_validate(raw)
    except ValidationError as error:
        raise PlanFileError([*map(fault_of, error.errors(include_url=False)), *faults]) from None
    if faults:
        raise PlanFileError(faults)
    return file


def _across_plans(raw: Any) -> Iterator[Fault]:
    """Find clashes between plans of the file, even where the file has other faults."""
    plans = raw.get("plans") if isinstance(raw, dict) else None
    names: dict[str, int] = {}
    holders: dict[str, tuple[int, Any]] = {}
    for index, plan in enumerate(plans if isinstance(plans, list) else ()):
        if not isinstance(plan, dict):
            continue
        name, lgts = plan.get("id"), plan.get("lgts")
        if isinstance(name, str) and names.setdefault(name, index) != index:
            yield Fault(f"plans[{index}].id", PlanIdTwice(name, names[name]))
        for lgt in lgts if isinstance(lgts, list) else ():
            if isinstance(lgt, str) and (holder := holders.setdefault(lgt, (index, name)))[0] != index:
                yield Fault(f"plans[{index}].lgts", LgtTwice(lgt, holder[1]))

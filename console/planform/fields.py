"""The fields of the form, in the order of the page, and a plan as their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from console.errors import N_
from console.form import Form
from console.language import Language
from console.planform.lists import Item, write_items
from worker.plans.file import PlanSpec
from worker.rules.event import Trigger

Typed = Mapping[str, str]
"""The form as text, by the names of the fields."""

LABELS: Mapping[str, str] = {
    "name": N_("Plan name"),
    "id": N_("Id"),
    "conversion_percent": N_("Conversion rate, %"),
    "label_text": N_("Label in chats"),
    "managers": N_("Managers"),
    "lgts": N_("LGTs"),
    "offers_ordered": N_("Offers: ordered"),
    "offers_payment_failed": N_("Offers: payment failed"),
    "offers_paid": N_("Offers: paid"),
    "mode": N_("Distribution mode"),
    "average_sale": N_("Average sale, $"),
    "label_color": N_("Label colour"),
}
IN_ORDER = tuple(LABELS)
LISTS = ("managers", "lgts", "offers_ordered", "offers_payment_failed", "offers_paid")

# The list that names the LGTs or offers of each kind of event, and the query field that adds one to it.
LIST_OF: Mapping[Trigger, str] = {
    Trigger.SUBSCRIPTION: "lgts",
    Trigger.ORDER: "offers_ordered",
    Trigger.FAILED_PAYMENT: "offers_payment_failed",
    Trigger.PAID: "offers_paid",
}
ADDED_BY: Mapping[Trigger, str] = {
    Trigger.SUBSCRIPTION: "lgt",
    Trigger.ORDER: "ordered",
    Trigger.FAILED_PAYMENT: "payment_failed",
    Trigger.PAID: "paid",
}

# The form's names of fields that a plan file has elsewhere.
IN_FILE: Mapping[str, str] = {
    "label_text": "label.text",
    "label_color": "label.color",
    "offers_ordered": "offers.ordered",
    "offers_payment_failed": "offers.payment_failed",
    "offers_paid": "offers.paid",
}


def typed_in(form: Form) -> dict[str, str]:
    """The posted fields of a plan; a field that is not there is empty, and the mode is even."""
    return {field: form.get(field) for field in LABELS} | {"mode": form.get("mode") or "even"}


def blank() -> dict[str, str]:
    """The fields of a new plan."""
    return dict.fromkeys(LABELS, "") | {"mode": "even"}


def typed_of(spec: PlanSpec, language: Language) -> dict[str, str]:
    """The plan as somebody would type it in this language."""
    return {field: write(spec, language) for field, write in _WRITE.items()}


def number(value: Decimal, language: Language) -> str:
    """A number without groups, so that nobody has to ask what ``1,250`` means. Cents have both digits."""
    return f"{value:.2f}".removesuffix(".00").replace(".", language.decimal_sign)


def percent(value: Decimal, language: Language) -> str:
    """A share with the decimals that it has."""
    text = number(value, language)
    return text.removesuffix("0") if language.decimal_sign in text else text


def _list(ids: Iterable[str]) -> str:
    return write_items(map(Item, sorted(ids)))


_WRITE: Mapping[str, Callable[[PlanSpec, Language], str]] = {
    "name": lambda spec, _: spec.name,
    "id": lambda spec, _: spec.id,
    "conversion_percent": lambda spec, language: percent(spec.conversion_percent, language),
    "label_text": lambda spec, _: spec.label.text if spec.label else "",
    "managers": lambda spec, _: write_items(Item(manager.id, manager.paused) for manager in spec.managers),
    "lgts": lambda spec, _: _list(spec.lgts),
    "offers_ordered": lambda spec, _: _list(spec.offers.ordered),
    "offers_payment_failed": lambda spec, _: _list(spec.offers.payment_failed),
    "offers_paid": lambda spec, _: _list(spec.offers.paid),
    "mode": lambda spec, _: spec.mode.value,
    "average_sale": lambda spec, language: number(spec.average_sale, language),
    "label_color": lambda spec, _: (spec.label.color or "") if spec.label else "",
}

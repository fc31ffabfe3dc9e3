"""Prints plans and their changes: in colour on a terminal, as plain lines elsewhere, as JSON for programs."""

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.plans.change import Change, StoredPlan, Value
from worker.plans.file import Manager
from worker.plans.forecast import Forecast
from worker.plans.potential import potential
from worker.words import english

STYLES = {"new": "green", "changed": "yellow", "archived": "red", "unchanged": "dim"}
WIDTH = 10_000  # characters; so wide that lines outside a terminal are never folded


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def print_change(change: Change) -> None:
    """Prints the plan's change, and the value before and after of each field that differs."""
    console = _console()
    console.print(Text(f"{change.plan_id}: {_headline(change)}", style=STYLES[change.kind]), soft_wrap=True)
    if change.kind != "unchanged":
        for field, before, after in change.differences():
            old = "" if before is None else f"{_text(before)} -> "
            console.print(Text(f"  {field}: {old}{_text(after)}"), soft_wrap=True)


def _headline(change: Change) -> str:
    if change.before is None or change.kind == "unchanged":
        return f"{change.kind}, version {change.version}"
    return f"{change.kind}, version {change.before.version} -> {change.version}"


def _text(value: Value | None) -> str:
    match value:
        case None:
            return "none"
        case Decimal():
            return f"{value:.2f}"
        case tuple():
            return ", ".join(map(_item, value))
        case _:
            return value


def _item(item: str | Manager) -> str:
    match item:
        case Manager():
            return f"{item.id} (paused)" if item.paused else item.id
        case _:
            return item


def forecast_text(found: Forecast) -> str:
    """The forecast as a line for the change, with further lines indented below it."""
    return "\n  ".join(english.forecast(found))


def print_table(plans: list[StoredPlan]) -> None:
    """Prints a table with one line for each plan."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("ACCOUNT", "PLAN", "VERSION", "MODE", "STATE"):
        table.add_column(heading)
    for heading in ("ACTIVE", "LEADS", "WAITING", "POTENTIAL USD"):
        table.add_column(heading, justify="right")
    table.add_column("NAME")
    for plan in plans:
        table.add_row(*map(Text, _cells(plan)))
    _console().print(table)


def _cells(plan: StoredPlan) -> list[str]:
    managers = plan.spec.managers
    return [
        plan.account_id,
        plan.spec.id,
        str(plan.version),
        plan.spec.mode.value,
        "archived" if plan.archived else "active",
        f"{sum(not manager.paused for manager in managers)} of {len(managers)}",
        str(plan.leads),
        str(plan.waiting),
        f"{_potential(plan)}",
        plan.spec.name,
    ]


def _potential(plan: StoredPlan) -> Decimal:
    return potential(plan.leads, plan.spec.conversion_percent, plan.spec.average_sale)


def as_object(plan: StoredPlan) -> dict[str, Any]:
    """The plan as an object for JSON. The fields of a plan file have the same names here."""
    spec = plan.spec
    return {
        "account": plan.account_id,
        "id": spec.id,
        "name": spec.name,
        "version": plan.version,
        "archived": plan.archived,
        "mode": spec.mode.value,
        "conversion_percent": str(spec.conversion_percent),
        "average_sale": {"amount": str(spec.average_sale), "currency": "USD"},
        "label": {"text": spec.label.text, "color": spec.label.color} if spec.label else None,
        "managers": [
            {"id": manager.id, "paused": manager.paused, "assigned": plan.assigned.get(manager.id, 0)}
            for manager in spec.managers
        ],
        "lgts": spec.lgts,
        "offers": spec.offers.model_dump(),
        "leads": plan.leads,
        "waiting": plan.waiting,
        "potential": {"amount": str(_potential(plan)), "currency": "USD"},
        "changed_by": plan.changed_by,
        "changed_at": plan.changed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }

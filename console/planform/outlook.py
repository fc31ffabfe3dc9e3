"""The part beside the form: the label as chats show it, the potential, and what will happen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from console.errors import N_
from console.language import Language, with_capital
from console.names import Names
from console.planform.faults import FieldFault, Needed, ShownFault, shown
from console.planform.reading import Reading
from worker.plans import change as planchange
from worker.plans import store
from worker.plans.change import Change, StoredPlan
from worker.plans.forecast import Forecast
from worker.plans.potential import potential
from worker.words.languages import LANGUAGES

MOST_MANAGERS = 12  # that are named
MOST_WARNINGS = 30
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Sum:
    """The potential with its factors. ``hundred`` is that of a hundred clients."""

    clients: int
    conversion: Decimal
    sale: Decimal
    potential: Decimal
    hundred: Decimal


@dataclass(frozen=True, slots=True)
class Member:
    """A manager of the plan by name; ``clients`` is how many he has in it."""

    id: str
    name: str
    is_active: bool
    clients: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it. ``label`` is text and colour. ``sum`` is None until both numbers can be read.

    ``next`` names the managers of whom one gets the next client: for an edited plan the one of the forecast.
    ``forecast`` has sentences, where the edit changes who is active. ``faults`` are those of fields that are filled in.
    ``made_id`` is the id that the plan will get, None where it has one.
    """

    label: tuple[str, str | None] | None
    sum: Sum | None
    members: tuple[Member, ...]
    further_members: int
    next: tuple[str, ...]
    further_next: int
    warnings: tuple[str, ...]
    further_warnings: int
    forecast: tuple[str, ...]
    faults: tuple[ShownFault, ...]
    made_id: str | None


def outlook(
    reading: Reading,
    faults: Sequence[FieldFault],
    change: Change,
    stored: store.Plans,
    *,
    forecast: Forecast | None,
    names: Names,
    language: Language,
) -> Outlook:
    """Look ahead. ``stored`` has all plans of the account; ``forecast`` is that of an edited plan."""
    before = change.before
    spec, at_fault = reading.spec, {fault.field for fault in faults}
    members = [
        Member(each.id, names.manager(each.id), not each.paused, before.assigned.get(each.id, 0) if before else 0)
        for each in spec.managers
    ]
    active = [member for member in members if member.is_active]
    fewest = min((member.clients for member in active), default=0)
    turns = [member.name for member in active if member.clients == fewest]
    if forecast is not None and forecast.next_managers:
        turns = [names.manager(forecast.next_managers[0])]
    warnings = list(_warnings(change, stored, names, language))
    return Outlook(
        label=(spec.label.text, spec.label.color) if spec.label else None,
        sum=None if at_fault & {"conversion_percent", "average_sale"} else _sum(reading, before),
        members=tuple(members[:MOST_MANAGERS]),
        further_members=max(len(members) - MOST_MANAGERS, 0),
        next=tuple(turns[:3]),
        further_next=max(len(turns) - 3, 0),
        warnings=tuple(warnings[:MOST_WARNINGS]),
        further_warnings=max(len(warnings) - MOST_WARNINGS, 0),
        forecast=_sentences(forecast, language) if forecast is not None and change.changes_who_is_active else (),
        faults=shown([fault for fault in faults if not isinstance(fault.kind, Needed)], language),
        made_id=None if before or at_fault & {"id", "name"} else spec.id,
    )


def _sentences(forecast: Forecast, language: Language) -> tuple[str, ...]:
    return tuple(map(_sentence, LANGUAGES[language.code].forecast(forecast)))


def _sentence(text: str) -> str:
    return with_capital(text) + "."


def _sum(reading: Reading, before: StoredPlan | None) -> Sum:
    rate, sale = reading.spec.conversion_percent, reading.spec.average_sale
    clients = before.leads if before else 0
    return Sum(clients, rate, sale, potential(clients, rate, sale), potential(HUNDRED, rate, sale))


def _warnings(change: Change, stored: store.Plans, names: Names, language: Language) -> Iterator[str]:
    said = LANGUAGES[language.code]
    for warning in planchange.warnings([change], stored):
        yield _sentence(said.warning(warning))
    known = {plan_manager.id for plan in stored.values() for plan_manager in plan.spec.managers}
    known |= {id_ for kind, id_ in names.known if kind == "manager"}
    by_name = {name.casefold(): id_ for (kind, id_), name in names.known.items() if kind == "manager"}
    for manager in change.after.managers:
        if manager.id not in known and (meant := by_name.get(manager.id.casefold())):
            words = {"typed": manager.id, "id": meant}
            yield language.text(N_("“%(typed)s” is a name, and the list has ids: is it “%(id)s”?")) % words

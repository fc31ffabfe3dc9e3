"""Finds the plans that an event enters. Pure: imports only the standard library and pure modules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from worker.rules.batch import Batch, Wake, Work
from worker.rules.event import Event, Lead, Trigger
from worker.rules.ids import LeadKey, PlanLead, PlanNo
from worker.rules.plan import Mode, Plan, PlanBook


def match(book: PlanBook, account_id: str, trigger: Trigger, ref: str) -> tuple[Plan, ...]:
    """The active plans of the account that list the LGT (subscription) or the offer under this trigger."""
    return book.by_ref.get((account_id, trigger, ref), ())


LINKED = Mode.LINKED  # a name of its own: before Python 3.12 each look-up of an enum's member runs Python code


@dataclass(slots=True)
class Matches:
    """The plans and leads that a transaction will change."""

    plans: dict[PlanNo, Plan] = field(default_factory=dict)
    by_record: list[Sequence[Plan]] = field(default_factory=list)  # for each record of a batch, in order
    plan_leads: list[PlanLead] = field(default_factory=list)
    linked_leads: set[LeadKey] = field(default_factory=set)  # leads that enter linked plans

    @classmethod
    def of(cls, work: Work, book: PlanBook) -> Matches:
        """The plans of each record of a batch. For a wake-up: its plans that are not archived."""
        match work:
            case Batch():
                return cls._of_events(work.events, book)
            case Wake():
                return cls({plan_no: book.plans[plan_no] for plan_no in work.plans if plan_no in book.plans})

    @classmethod
    def _of_events(cls, events: Iterable[Event], book: PlanBook) -> Matches:
        found = cls()
        for event in events:
            plans: Sequence[Plan] = ()
            if isinstance(event, Lead):
                plans = match(book, event.account_id, event.kind, event.ref)
                for plan in plans:
                    found.plans[plan.plan_no] = plan
                    found.plan_leads.append((plan.plan_no, event.lead_id))
                    if plan.mode is LINKED:
                        found.linked_leads.add((event.account_id, event.lead_id))
            found.by_record.append(plans)
        return found

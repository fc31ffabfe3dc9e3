"""Which plans events enter. Pure: imports only the standard library and what is pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from worker.rules.batch import Batch
from worker.rules.event import Lead, Trigger
from worker.rules.plan import Mode, Plan, PlanBook


def match(book: PlanBook, account_id: str, trigger: Trigger, ref: str) -> tuple[Plan, ...]:
    """The active plans of the account that list the LGT (subscription) or the offer under this trigger."""
    return book.by_ref.get((account_id, trigger, ref), ())


LINKED = Mode.LINKED  # before Python 3.12 each look-up runs Python code


@dataclass(slots=True)
class Matched:
    """What a batch is about to touch."""

    plans: dict[int, Plan] = field(default_factory=dict)
    by_record: list[Sequence[Plan]] = field(default_factory=list)
    keys: list[tuple[int, str]] = field(default_factory=list)  # (plan_no, lead)
    linked: set[tuple[str, str]] = field(default_factory=set)  # (account, lead) that enter linked plans

    @classmethod
    def of(cls, batch: Batch, book: PlanBook, wake: Iterable[int] = ()) -> Matched:
        """Match each record of the batch; ``wake`` names further plans, for their waiting leads."""
        found = cls({plan_no: book.plans[plan_no] for plan_no in wake if plan_no in book.plans})
        for event in batch.events:
            plans: Sequence[Plan] = ()
            if isinstance(event, Lead):
                plans = match(book, event.account_id, event.kind, event.ref)
                for plan in plans:
                    found.plans[plan.plan_no] = plan
                    found.keys.append((plan.plan_no, event.lead_id))
                    if plan.mode is LINKED:
                        found.linked.add((event.account_id, event.lead_id))
            found.by_record.append(plans)
        return found

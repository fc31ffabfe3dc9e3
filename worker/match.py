"""Which plans an event enters. Pure: imports only the standard library."""

from worker.plan import Plan, PlanBook, Trigger


def match(book: PlanBook, account_id: str, trigger: Trigger, ref: str) -> tuple[Plan, ...]:
    """The active plans of the account that list the LGT (subscription) or the offer under this trigger."""
    return book.by_ref.get((account_id, trigger, ref), ())

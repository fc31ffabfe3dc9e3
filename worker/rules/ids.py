"""What plans, managers and leads are named by. Pure: imports only the standard library."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import NewType, cast

PlanNo = NewType("PlanNo", int)
RosterIndex = NewType("RosterIndex", int)
LeadKey = tuple[str, str]  # account, lead
PlanLead = tuple[PlanNo, str]  # a plan's number, and a lead

# All indexes, from 0 on: a count whose numbers have their own type, at no cost while leads are decided.
roster_indexes = cast("Callable[[], Iterator[RosterIndex]]", count)


def index_by_manager(roster: Sequence[str]) -> dict[str, RosterIndex]:
    """Each manager's index in the roster."""
    return dict(zip(roster, roster_indexes(), strict=False))

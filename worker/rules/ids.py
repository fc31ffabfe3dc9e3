"""Types of the keys of plans, managers and leads. Pure: imports only the standard library."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import NewType, cast

PlanNo = NewType("PlanNo", int)
RosterIndex = NewType("RosterIndex", int)
LeadKey = tuple[str, str]  # account, lead
PlanLead = tuple[PlanNo, str]  # a plan's number, and a lead

# All indexes from 0 on. The cast gives the numbers of a plain count their own type and costs nothing at run time.
roster_indexes = cast("Callable[[], Iterator[RosterIndex]]", count)


def index_by_manager(roster: Sequence[str]) -> dict[str, RosterIndex]:
    """Each manager's index in the roster."""
    return dict(zip(roster, roster_indexes(), strict=False))

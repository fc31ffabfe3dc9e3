"""The languages, each a module with the same functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from worker.explain.verdicts import Disagreement, Verdict, WaitsFor
from worker.plans.faults import Fault, FaultKind
from worker.plans.refusals import Refusal
from worker.plans.warnings import PlanWarning
from worker.rules.choose import Links
from worker.words import english, russian


class Language(Protocol):
    """One sentence a value. It has no capital at its start and no full stop, and may hold ids as people wrote them."""

    def fault(self, found: Fault, /) -> str:
        """The fault with its field before it."""

    def fault_of_field(self, kind: FaultKind, /) -> str:
        """The fault alone, to stand beside the field."""

    def refusal(self, found: Refusal, /) -> str:
        """The reason against an edit."""

    def warning(self, found: PlanWarning, /) -> str:
        """The warning, with the plan or the id that it is about."""

    def verdict(self, found: Verdict, /) -> str:
        """The reason for a manager, or against one; it stands beside the manager's name."""

    def waits_for(self, found: WaitsFor, /) -> str:
        """The reason why a lead waits."""

    def disagreement(self, found: Disagreement, /) -> str:
        """The difference between ledger and rules."""

    def contact(self, manager_id: str, when: str, /) -> str:
        """The manager's latest contact with the lead; ``when`` is a time as the reader is to see it."""

    def links(self, known: Links, /) -> str:
        """The managers that the lead knew when it was decided."""


LANGUAGES: Mapping[str, Language] = {"en": english, "ru": russian}

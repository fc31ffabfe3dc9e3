"""All languages. Each is a module with the functions of ``Language``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from worker.explain.verdicts import Disagreement, Verdict, WaitsFor
from worker.plans.faults import Fault, FaultKind
from worker.plans.forecast import Forecast
from worker.plans.refusals import Refusal
from worker.plans.warnings import PlanWarning
from worker.rules.choose import Links
from worker.words import english, russian


class Language(Protocol):
    """Makes one sentence of a value, without a capital and a full stop. It may quote ids as people wrote them."""

    def fault(self, found: Fault, /) -> str:
        """The fault, with its field in front."""

    def fault_of_field(self, kind: FaultKind, /) -> str:
        """The fault alone, to stand beside the field."""

    def refusal(self, found: Refusal, /) -> str:
        """The reason against an edit."""

    def warning(self, found: PlanWarning, /) -> str:
        """The warning, with the plan or the id that it is about."""

    def forecast(self, found: Forecast, /) -> list[str]:
        """The lines of a forecast. The first is about the change and the pace, the others about leads to come."""

    def verdict(self, found: Verdict, /) -> str:
        """The reason for a manager, or against one; it stands beside the manager's name."""

    def waits_for(self, found: WaitsFor, /) -> str:
        """The reason why a lead waits."""

    def disagreement(self, found: Disagreement, /) -> str:
        """The difference between ledger and rules."""

    def contact(self, manager_id: str, when: str, /) -> str:
        """The manager's latest contact with the lead; ``when`` is the text of the time."""

    def links(self, known: Links, /) -> str:
        """The managers that the lead knew at the decision."""


LANGUAGES: Mapping[str, Language] = {"en": english, "ru": russian}

"""Reasons as pages show them: in the user's language, and with names in place of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from console.language import with_capital
from console.names import Names
from worker.explain.reasons import Candidate
from worker.explain.verdicts import Disagreement, NobodyLinked, Verdict
from worker.rules.choose import Links
from worker.words.languages import LANGUAGES, Language

Value = TypeVar("Value", Verdict, Disagreement)

MANAGER_FIELDS = ("chosen", "manager_id", "by_rules")
PLAN_FIELDS = ("plan_id",)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A manager at a decision, with the number of clients before it and the reason for or against this manager."""

    manager_id: str
    name: str
    leads: int
    chosen: bool
    is_active: bool
    why: str


@dataclass(frozen=True, slots=True)
class Words:
    """Makes sentences of values. ``plans`` has the names of plans by id."""

    language: Language
    names: Names
    plans: Mapping[str, str]

    def plan(self, plan_id: str) -> str:
        """The plan's name."""
        return self.plans.get(plan_id, plan_id)

    def why(self, verdict: Verdict) -> str:
        """The reason, as a sentence without a full stop."""
        return with_capital(
            self.language.verdict(verdict if isinstance(verdict, NobodyLinked) else self._named(verdict))
        )

    def disagreement(self, found: Disagreement) -> str:
        """The difference between the stored decision and the rules."""
        return with_capital(self.language.disagreement(self._named(found)))

    def candidate(self, found: Candidate) -> CandidateLine:
        """The line of one manager."""
        name = self.names.manager(found.manager_id)
        return CandidateLine(found.manager_id, name, found.leads, found.chosen, found.active, self.why(found.why))

    def links(self, known: Links) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Names of the managers who contacted the client, and (plan, its manager), all latest first."""
        contacts = tuple(map(self.names.manager, known.contacts))
        return contacts, tuple((self.plan(plan), self.names.manager(manager)) for plan, manager in known.plans)

    def _named(self, value: Value) -> Value:
        ids: dict[str, str] = {field.name: getattr(value, field.name) for field in fields(value)}
        named = {name: self.names.manager(ids[name]) for name in MANAGER_FIELDS if name in ids}
        named |= {name: self.plan(ids[name]) for name in PLAN_FIELDS if name in ids}
        return replace(value, **named)  # type: ignore[arg-type] # the fields are those of this value


def words_of(code: str, names: Names, plans: Mapping[str, str]) -> Words:
    """The words of the language with this code."""
    return Words(LANGUAGES[code], names, plans)

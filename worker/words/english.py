"""English sentences, as the command line prints them.

Scripts may read them. So a text changes only on purpose, together with the hand-written text in its test.
"""

from __future__ import annotations

import re

from contracts.types import ID_RULE
from worker.explain import verdicts as v
from worker.plans import faults as f
from worker.plans import refusals as r
from worker.plans import warnings as w
from worker.plans.forecast import Forecast
from worker.rules.choose import Links
from worker.words.english_forecast import notes, prospect, situation


def fault(found: f.Fault) -> str:
    """The fault, with its field in front: a line of the command line."""
    text = fault_of_field(found.kind)
    return f"{found.field}: {text}" if found.field else text


def fault_of_field(kind: f.FaultKind) -> str:
    """The fault without its field."""
    match kind:
        case f.PlanIdTwice(plan_id, first):
            return f"{plan_id!r} is also the id of plans[{first}]"
        case f.LgtTwice(lgt_id, plan_id):
            return f"{lgt_id!r} is also in plan {plan_id!r}; an LGT is in one plan only"
        case f.LgtTaken(lgt_id, plan_id):
            return f"{lgt_id!r} is in plan {plan_id!r}; an LGT is in one plan only"
        case f.IdOfArchived(plan_id):
            return f"{plan_id!r} is archived and stays so; choose another id"
        case f.NotYaml() | f.KeyTwice() | f.KeyNotText() | f.TagUsed() | f.NotPrintable() | f.TooDeep() | f.NoFields():
            return _unreadable(kind)
        case _:
            return _unfit(kind)


def _unreadable(kind: f.Unreadable) -> str:
    match kind:
        case f.NotYaml(at, problem):
            return f"{_at(at)}{problem}"
        case f.KeyTwice(at, name):
            return f"{_at(at)}{name!r} is there twice"
        case f.KeyNotText(at):
            return f"{_at(at)}a field's name must be text"
        case f.TagUsed(at, tag):
            return f"{_at(at)}a tag ({tag}) has no place here"
        case f.NotPrintable():
            return "the file is no text in UTF-8, or holds control characters"
        case f.TooDeep():
            return "the file is nested too deeply, or holds what YAML can't"
        case f.NoFields():
            return "the file: must be a group of fields"


def _at(position: f.LineColumn | None) -> str:
    return f"line {position.line}, column {position.column}: " if position else ""


def _unfit(kind: f.Unfit) -> str:
    match kind:
        case f.Missing():
            return "is missing"
        case f.UnknownField():
            return "is no field of a plan file"
        case f.NotText():
            return "must be text; put it in quotes"
        case f.NotUnicode():
            return "must be text that is valid Unicode"
        case f.NotId():
            return f"must be {ID_RULE}"
        case f.NotGroup():
            return "must be a group of fields"
        case f.NotBool():
            return "must be true or false"
        case f.NotList():
            return "must be a list"
        case f.Empty():
            return "must not be empty"
        case f.TooShort(at_least):
            return f"must have at least {_count(at_least, 'character')}"
        case f.TooLong(at_most):
            return f"must have at most {_count(at_most, 'character')}"
        case f.TooLarge(at_most):
            return f"must be less than or equal to {at_most}"
        case f.NotOneOf(choices):
            return f"must be {_any_of(choices)}"
        case f.NotAmount():
            return 'must be a decimal like "149.00": not negative, at most two decimals'
        case f.NamedTwice(ids):
            return f"{', '.join(map(repr, ids))} is there more than once"
        case f.NotWords():
            return "must have a letter in it, and no line breaks or control characters"
        case f.NoColor():
            return 'is empty: a colour needs quotes, as in color: "#2563eb"'
        case f.NotColor():
            return 'must be a colour like "#2563eb"'
        case f.NotPlanId():
            return "must be words of a-z and 0-9 joined by hyphens, like june-webinar"
        case f.OtherFault(message):
            return re.sub("(Input|String|Value) should", "must", message)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _any_of(choices: tuple[str, ...]) -> str:
    *others, last = map(repr, choices)
    return f"{', '.join(others)} or {last}" if others else last


def refusal(found: r.Refusal) -> str:
    """The refusal, as a line of the command line."""
    match found:
        case r.NoPlan(plan_id, nearest):
            return f"the account has no plan {plan_id!r}{_perhaps(nearest)}"
        case r.NotInPlan(manager_id, plan_id, nearest):
            return f"{manager_id!r} is not in plan {plan_id!r}{_perhaps(nearest)}"
        case r.AlreadyInPlan(manager_id, plan_id):
            return f"{manager_id!r} is already in plan {plan_id!r}"
        case r.PlanArchived(plan_id):
            return f"plan {plan_id!r} is archived"
        case r.LgtLost(plan_id, lgt_id, holder):
            return f"plan {plan_id!r}: LGT {lgt_id!r} is in plan {holder!r}; an LGT is in one plan only"


def _perhaps(nearest: str | None) -> str:
    return "" if nearest is None else f"; did you mean {nearest!r}?"


def warning(found: w.PlanWarning) -> str:
    """A warning with plans and managers in quotes. Ids that can mislead a reader are ASCII with escapes."""
    match found:
        case w.GoOnWaiting(plan_id, leads):
            return f"plan {plan_id!r}: {leads} leads go on waiting in it"
        case w.NoActiveManager(plan_id):
            return f"plan {plan_id!r}: no active manager; its leads will wait"
        case w.NothingComesIn(plan_id):
            return f"plan {plan_id!r}: no LGT and no offer; no lead will come in"
        case w.JoinsRunning(plan_id, manager_id, leads):
            return (
                f"plan {plan_id!r}: {manager_id!r} joins a running plan with {leads} leads: "
                "he gets every new lead until he has as many as the others"
            )
        case w.SharedOffer(offer_id, plan_ids):
            return f"offer {offer_id!r} is in several plans ({', '.join(plan_ids)}): its leads enter each of them"
        case w.BlankAround(kind, id_):
            return f"{kind} {id_!a} begins or ends with a blank, which is part of the id"
        case w.InvisibleCharacters(kind, id_):
            return f"{kind} {id_!a} holds characters that nobody sees, which are part of the id"
        case w.MixedAlphabets(kind, id_, alphabets):
            return f"{kind} {id_!r} mixes letters of several alphabets in a word ({', '.join(alphabets)}): {id_!a}"
        case w.LookAlike(kind, ids):
            return f"{kind}s {' and '.join(map(ascii, ids))} look alike and are different ids"


def verdict(found: v.Verdict) -> str:
    """The text of ``why`` in the JSON."""
    match found:
        case v.OnlyActive() | v.FewestLeads() | v.LongestWithout() | v.FirstInOrder():
            return _by_count(found)
        case v.NobodyLinked(by_count):
            return f"nobody active in the plan is linked to the lead, so by count: {_by_count(by_count)}"
        case v.LatestContact():
            return "the latest of the plan's active managers to contact the lead"
        case v.OwnsElsewhere(plan_id):
            return f"none who contacted the lead is active in the plan, and he has it in plan {plan_id}"
        case _:
            return _passed_over(found)


def _by_count(found: v.ByCount) -> str:
    match found:
        case v.OnlyActive():
            return "the only active manager"
        case v.FewestLeads(leads):
            return f"the fewest leads ({leads})"
        case v.LongestWithout(leads):
            return f"as few leads as anyone ({leads}), and the longest without a new one"
        case v.FirstInOrder(leads):
            return f"as few leads as anyone ({leads}), as long without a new one, and first in the plan's fixed order"


def _passed_over(found: v.PassedOver) -> str:
    match found:
        case v.Paused():
            return "paused"
        case v.EarlierContact(chosen):
            return f"contacted the lead earlier than {chosen}"
        case v.NoContact():
            return "has not contacted the lead"
        case v.OwnsWithoutContact(plan_id):
            return f"has not contacted the lead; he has it in plan {plan_id}, but a contact goes first"
        case v.EarlierOwner(plan_id, chosen):
            return f"has the lead in plan {plan_id}, but was given it earlier than {chosen} in his"
        case v.NotLinked():
            return "has not contacted the lead, and has it in no other plan"
        case v.HadMore(leads, chosen, chosen_leads):
            return f"had {_count(leads, 'lead')}, {chosen} had {chosen_leads}"
        case v.MoreRecent(leads, last_seq, chosen, chosen_seq):
            return (
                f"as many leads ({leads}), but was given one more recently: "
                f"number {last_seq}, {chosen} number {chosen_seq}"
            )
        case v.LaterInOrder(leads, chosen):
            return f"as many leads ({leads}), none more recently, but later in the plan's fixed order than {chosen}"


def waits_for(found: v.WaitsFor) -> str:
    """The text of ``why`` of a waiting lead in the JSON."""
    match found:
        case v.InArchived():
            return "the plan is archived and takes no more leads"
        case v.NobodyActive():
            return "no manager of the plan is active"
        case v.InQueue(ahead):
            return f"the plan has an active manager again; {ahead} go first"


def disagreement(found: v.Disagreement) -> str:
    """The text of ``fault`` in the JSON."""
    match found:
        case v.VersionMissing(version):
            return f"version {version} of the plan is not kept"
        case v.NobodyWasActive(manager_id, reason):
            return f"nobody was active in the plan, the ledger says {manager_id} ({reason})"
        case v.DecidedOtherwise(by_rules, by_rules_reason, manager_id, reason):
            return f"the rules give {by_rules} ({by_rules_reason}), the ledger says {manager_id} ({reason})"


def contact(manager_id: str, when: str) -> str:
    """A manager's latest contact, as a line of the command line."""
    return f"{manager_id} contacted the lead, last at {when}"


def links(known: Links) -> str:
    """The managers that the lead knew: contacts, then owners in other plans."""
    contacts = ", ".join(known.contacts) or "nobody"
    plans = ", ".join(f"{manager} in {plan}" for plan, manager in known.plans) or "nobody"
    return f"contacted by {contacts}; in other plans with {plans} (latest first)"


def forecast(found: Forecast) -> list[str]:
    """The lines of a forecast: the change and the pace, then who gets the next leads, then what else to know."""
    return [situation(found), prospect(found.prospect), *notes(found)]

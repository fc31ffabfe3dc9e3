"""English: a sentence by hand for every kind."""

from collections.abc import Callable

import pytest

from tests.words import forecasts, kinds
from worker.explain import verdicts as v
from worker.plans import faults as f
from worker.plans import forecast as fc
from worker.plans import refusals as r
from worker.plans import warnings as w
from worker.plans.warnings import IdKind
from worker.rules.choose import Links, Reason
from worker.words import english, english_forecast

AT = f.LineColumn(2, 13)

FAULTS: list[tuple[f.FaultKind, str]] = [
    (f.NotYaml(AT, "found character '@'"), "line 2, column 13: found character '@'"),
    (f.NotYaml(None, "found character '@'"), "found character '@'"),
    (f.KeyTwice(AT, "id"), "line 2, column 13: 'id' is there twice"),
    (f.KeyNotText(AT), "line 2, column 13: a field's name must be text"),
    (f.TagUsed(AT, "!x"), "line 2, column 13: a tag (!x) has no place here"),
    (f.NotPrintable(), "the file is no text in UTF-8, or holds control characters"),
    (f.TooDeep(), "the file is nested too deeply, or holds what YAML can't"),
    (f.NoFields(), "the file: must be a group of fields"),
    (f.Missing(), "is missing"),
    (f.UnknownField(), "is no field of a plan file"),
    (f.NotText(), "must be text; put it in quotes"),
    (f.NotUnicode(), "must be text that is valid Unicode"),
    (f.NotId(), "must be a string of 1 to 128 printable characters"),
    (f.NotGroup(), "must be a group of fields"),
    (f.NotBool(), "must be true or false"),
    (f.NotList(), "must be a list"),
    (f.Empty(), "must not be empty"),
    (f.TooShort(1), "must have at least 1 character"),
    (f.TooShort(2), "must have at least 2 characters"),
    (f.TooLong(1), "must have at most 1 character"),
    (f.TooLong(30), "must have at most 30 characters"),
    (f.TooLarge(100), "must be less than or equal to 100"),
    (f.NotOneOf(("even",)), "must be 'even'"),
    (f.NotOneOf(("even", "linked")), "must be 'even' or 'linked'"),
    (f.NotOneOf(("a", "b", "c")), "must be 'a', 'b' or 'c'"),
    (f.NotAmount(), 'must be a decimal like "149.00": not negative, at most two decimals'),
    (f.NamedTwice(("anna",)), "'anna' is there more than once"),
    (f.NamedTwice(("anna", "o'neil")), "'anna', \"o'neil\" is there more than once"),
    (f.NotWords(), "must have a letter in it, and no line breaks or control characters"),
    (f.NoColor(), 'is empty: a colour needs quotes, as in color: "#2563eb"'),
    (f.NotColor(), 'must be a colour like "#2563eb"'),
    (f.NotPlanId(), "must be words of a-z and 0-9 joined by hyphens, like june-webinar"),
    (f.OtherFault("Input should be novel"), "must be novel"),
    (f.PlanIdTwice("june", 0), "'june' is also the id of plans[0]"),
    (f.LgtTwice("a", "one"), "'a' is also in plan 'one'; an LGT is in one plan only"),
    (f.LgtTwice("a", None), "'a' is also in plan None; an LGT is in one plan only"),
    (f.LgtTaken("a", "june"), "'a' is in plan 'june'; an LGT is in one plan only"),
    (f.IdOfArchived("june"), "'june' is archived and stays so; choose another id"),
]
REFUSALS: list[tuple[r.Refusal, str]] = [
    (r.NoPlan("jun", None), "the account has no plan 'jun'"),
    (r.NoPlan("jun", "june"), "the account has no plan 'jun'; did you mean 'june'?"),
    (r.NotInPlan("zed", "june", None), "'zed' is not in plan 'june'"),
    (r.NotInPlan("bors", "june", "boris"), "'bors' is not in plan 'june'; did you mean 'boris'?"),
    (r.AlreadyInPlan("anna", "june"), "'anna' is already in plan 'june'"),
    (r.PlanArchived("june"), "plan 'june' is archived"),
    (r.LgtLost("july", "l1", "june"), "plan 'july': LGT 'l1' is in plan 'june'; an LGT is in one plan only"),
]
WARNINGS: list[tuple[w.PlanWarning, str]] = [
    (w.GoOnWaiting("june", 3), "plan 'june': 3 leads go on waiting in it"),
    (w.NoActiveManager("june"), "plan 'june': no active manager; its leads will wait"),
    (w.NothingComesIn("june"), "plan 'june': no LGT and no offer; no lead will come in"),
    (
        w.JoinsRunning("june", "olga", 0),
        "plan 'june': 'olga' joins a running plan with 0 leads: "
        "he gets every new lead until he has as many as the others",
    ),
    (w.SharedOffer("o", ("july", "june")), "offer 'o' is in several plans (july, june): its leads enter each of them"),
    (
        w.BlankAround(IdKind.ACCOUNT, "acme "),
        "account 'acme ' begins or ends with a blank, which is part of the id",
    ),
    (
        w.InvisibleCharacters(IdKind.MANAGER, "anna\u200b"),
        "manager 'anna\\u200b' holds characters that nobody sees, which are part of the id",
    ),
    (
        w.MixedAlphabets(IdKind.LGT, "\u0430nna", ("CYRILLIC", "LATIN")),
        "LGT '\u0430nna' mixes letters of several alphabets in a word (CYRILLIC, LATIN): '\\u0430nna'",
    ),
    (
        w.LookAlike(IdKind.OFFER, ("O", "o", "o\u200b")),
        "offers 'O' and 'o' and 'o\\u200b' look alike and are different ids",
    ),
]
PROSPECTS: list[tuple[fc.Prospect, str]] = [
    (fc.NobodyActive(), "nobody is active: all leads wait"),
    (fc.TakesNoMore(), "the plan is archived: no more leads enter it"),
    (fc.OnlyActive("anna"), "every lead goes to anna, the only active manager"),
    (fc.ByTurns(("anna", "boris")), "the next leads go to anna, boris, by turns"),
    (
        fc.ByTurns(("anna", "boris"), (fc.Share("olga", 30),)),
        "the next leads go to anna, boris, by turns; olga gets none of the next 30",
    ),
    (
        fc.ByTurns(("anna", "boris"), (fc.Share("olga", 5000),), is_exact=False),
        "the next leads go to anna, boris, by turns; olga gets none of at least the next 5,000",
    ),
    *zip(
        forecasts.PROSPECTS,
        [
            "the next 143 leads, about 3 days; the others get none until Tuesday",
            "the next lead, about an hour; the others get none until later today",
            "the next 5 leads, about 6 hours; the others get none until later today",
            "the next 46 leads, about a day; the others get none until tomorrow",
            "the next 700 leads, about 15 days; the others get none until 2026-12-13",
            "the next 22 leads; the others get none meanwhile",
            "at least the next 5,000 leads, about 109 days; the others get none meanwhile",
        ],
        strict=True,
    ),
]
VERDICTS: list[tuple[v.Verdict, str]] = [
    (v.OnlyActive(), "the only active manager"),
    (v.FewestLeads(1), "the fewest leads (1)"),
    (v.LongestWithout(1), "as few leads as anyone (1), and the longest without a new one"),
    (v.FirstInOrder(0), "as few leads as anyone (0), as long without a new one, and first in the plan's fixed order"),
    (
        v.NobodyLinked(v.FewestLeads(0)),
        "nobody active in the plan is linked to the lead, so by count: the fewest leads (0)",
    ),
    (v.LatestContact(), "the latest of the plan's active managers to contact the lead"),
    (v.OwnsElsewhere("may"), "none who contacted the lead is active in the plan, and he has it in plan may"),
    (v.Paused(), "paused"),
    (v.EarlierContact("anna"), "contacted the lead earlier than anna"),
    (v.NoContact(), "has not contacted the lead"),
    (v.OwnsWithoutContact("may"), "has not contacted the lead; he has it in plan may, but a contact goes first"),
    (v.EarlierOwner("april", "anna"), "has the lead in plan april, but was given it earlier than anna in his"),
    (v.NotLinked(), "has not contacted the lead, and has it in no other plan"),
    (v.HadMore(1, "boris", 0), "had 1 lead, boris had 0"),
    (v.HadMore(2, "boris", 1), "had 2 leads, boris had 1"),
    (v.MoreRecent(1, 2, "anna", 1), "as many leads (1), but was given one more recently: number 2, anna number 1"),
    (
        v.LaterInOrder(0, "cleo"),
        "as many leads (0), none more recently, but later in the plan's fixed order than cleo",
    ),
]
WAITS: list[tuple[v.WaitsFor, str]] = [
    (v.InArchived(), "the plan is archived and takes no more leads"),
    (v.NobodyActive(), "no manager of the plan is active"),
    (v.InQueue(1), "the plan has an active manager again; 1 go first"),
]
DISAGREEMENTS: list[tuple[v.Disagreement, str]] = [
    (v.VersionMissing(7), "version 7 of the plan is not kept"),
    (v.NobodyWasActive("zed", "even"), "nobody was active in the plan, the ledger says zed (even)"),
    (
        v.DecidedOtherwise("anna", Reason.LINKED_CONTACT, "zed", "even"),
        "the rules give anna (linked_contact), the ledger says zed (even)",
    ),
]


CASES: kinds.Cases = {
    english.fault_of_field: FAULTS,
    english.refusal: REFUSALS,
    english.warning: WARNINGS,
    english_forecast.prospect: PROSPECTS,
    english.verdict: VERDICTS,
    english.waits_for: WAITS,
    english.disagreement: DISAGREEMENTS,
}


def test_every_kind_is_here() -> None:
    """A new kind needs a sentence here before it has one on a page."""
    assert kinds.in_cases(CASES) == kinds.ALL


@pytest.mark.parametrize(("say", "value", "sentence"), kinds.each(CASES))
def test_a_value_becomes_a_sentence(say: Callable[..., str], value: object, sentence: str) -> None:
    """Each to the letter."""
    assert say(value) == sentence


def test_a_fault_on_the_command_line() -> None:
    """The field stands first, unless the file as a whole is at fault."""
    assert english.fault(f.Fault("plans[0].label.text", f.Missing())) == "plans[0].label.text: is missing"
    assert english.fault(f.Fault("", f.NoFields())) == "the file: must be a group of fields"


def test_contacts_and_links() -> None:
    """The latest first."""
    assert english.contact("anna", "2026-11-23T12:00:00.000Z") == (
        "anna contacted the lead, last at 2026-11-23T12:00:00.000Z"
    )
    assert english.links(Links(("anna", "zoe"), (("may", "cleo"), ("april", "boris")))) == (
        "contacted by anna, zoe; in other plans with cleo in may, boris in april (latest first)"
    )
    assert english.links(Links((), ())) == "contacted by nobody; in other plans with nobody (latest first)"


def test_a_forecast_begins_with_the_change_and_the_pace() -> None:
    """The command line prints these lines. Waiting leads and links stand at the end."""
    assert english.forecast(forecasts.JOINS) == [
        "june-webinar: olga joins, colleagues have 143 each; 46 leads a day over the last 7 days",
        "the next 143 leads, about 3 days; the others get none until Tuesday",
    ]
    assert [english.forecast(each)[0].removeprefix("june-webinar: ") for each in forecasts.EACH] == [
        "olga joins, colleagues have 143 each; 46 leads a day over the last 7 days",
        "olga and petra join, colleagues have 140 to 143; 46 leads a day over the last 7 days",
        "olga comes back with 1, petra comes back with 2, dora stops, colleagues have 1 each; "
        "46 leads a day over the last 7 days",
        "dora and emil stop, anna has 21; 1 lead a day over the last 7 days",
        "olga catches up, colleagues have 2 each; 1.4 leads a day over the last 7 days",
        "2 active managers have 2 to 3; no leads in the last 7 days",
        "anna stops; 46 leads a day over the last 7 days",
    ]
    assert english.forecast(forecasts.about(waiting=1, is_linked=True))[2:] == [
        "1 waiting lead goes first",
        "the plan is linked: a lead goes first to a manager who knows it, which no forecast foresees",
    ]
    assert english.forecast(forecasts.about(waiting=1200))[2:] == ["1,200 waiting leads go first"]

"""Why this manager and not the others: every wording."""

from worker.explain.reasons import Recomputed, recomputed
from worker.rules.choose import NO_LINKS, Links, Reason, Shares
from worker.rules.ids import PlanNo, RosterIndex
from worker.rules.plan import Mode, Plan
from worker.words import english

MANAGERS = ("anna", "boris", "cleo")


def again(
    leads: list[int],
    last_seqs: list[int],
    links: Links | None = None,
    active: tuple[int, ...] = (0, 1, 2),
) -> Recomputed:
    """Among three managers; linked where there are links."""
    mode = Mode.EVEN if links is None else Mode.LINKED
    indexes = tuple(map(RosterIndex, active))
    plan = Plan(PlanNo(1), "acme", "june", 1, "June", mode, None, MANAGERS, indexes, {})
    return recomputed(plan, MANAGERS, Shares(plan, max(last_seqs), leads, last_seqs), links or NO_LINKS)


def why(found: Recomputed) -> dict[str, str]:
    return {candidate.manager_id: english.verdict(candidate.why) for candidate in found.candidates}


def test_the_fewest_leads() -> None:
    """The others had more."""
    found = again([2, 1, 3], [5, 2, 6])
    assert (found.manager_id, found.reason) == ("boris", Reason.EVEN)
    assert why(found) == {
        "anna": "had 2 leads, boris had 1",
        "boris": "the fewest leads (1)",
        "cleo": "had 3 leads, boris had 1",
    }
    assert [(c.leads, c.last_seq, c.active, c.chosen) for c in found.candidates] == [
        (2, 5, True, False),
        (1, 2, True, True),
        (3, 6, True, False),
    ]


def test_one_lead_is_not_leads() -> None:
    """Whoever had none goes before whoever had one."""
    assert why(again([1, 0, 1], [1, 0, 2]))["anna"] == "had 1 lead, boris had 0"


def test_the_longest_without_a_new_one() -> None:
    """Among those with as few leads."""
    assert why(again([1, 1, 2], [1, 2, 4])) == {
        "anna": "as few leads as anyone (1), and the longest without a new one",
        "boris": "as many leads (1), but was given one more recently: number 2, anna number 1",
        "cleo": "had 2 leads, anna had 1",
    }


def test_the_fixed_order() -> None:
    """Where nobody had a lead yet."""
    assert why(again([0, 0, 0], [0, 0, 0])) == {
        "anna": "as many leads (0), none more recently, but later in the plan's fixed order than cleo",
        "boris": "as many leads (0), none more recently, but later in the plan's fixed order than cleo",
        "cleo": "as few leads as anyone (0), as long without a new one, and first in the plan's fixed order",
    }


def test_paused_managers() -> None:
    """Whatever they had."""
    assert why(again([0, 5, 0], [0, 5, 0], active=(1,))) == {
        "anna": "paused",
        "boris": "the only active manager",
        "cleo": "paused",
    }
    nobody = again([0, 0, 0], [0, 0, 0], active=())
    assert (nobody.manager_id, nobody.reason) == (None, None)
    assert set(why(nobody).values()) == {"paused"}


def test_the_latest_contact() -> None:
    """Goes before all else: earlier contacts, and another plan's manager."""
    found = again([9, 0, 0], [9, 0, 0], Links(("zoe", "anna", "boris"), (("may", "cleo"),)))
    assert (found.manager_id, found.reason) == ("anna", Reason.LINKED_CONTACT)
    assert why(found) == {
        "anna": "the latest of the plan's active managers to contact the lead",
        "boris": "contacted the lead earlier than anna",
        "cleo": "has not contacted the lead; he has it in plan may, but a contact goes first",
    }
    assert why(again([9, 0, 0], [9, 0, 0], Links(("anna",), ())))["cleo"] == "has not contacted the lead"


def test_a_paused_manager_who_contacted_the_lead() -> None:
    """He is passed over for being paused."""
    found = again([0, 0, 0], [0, 0, 0], Links(("boris", "anna"), ()), active=(0, 2))
    assert (found.manager_id, why(found)["boris"]) == ("anna", "paused")


def test_the_manager_of_another_plan() -> None:
    """The latest assignment first."""
    found = again([9, 0, 0], [9, 0, 0], Links(("zoe",), (("may", "anna"), ("april", "boris"))))
    assert (found.manager_id, found.reason) == ("anna", Reason.LINKED_PLAN)
    assert why(found) == {
        "anna": "none who contacted the lead is active in the plan, and he has it in plan may",
        "boris": "has the lead in plan april, but was given it earlier than anna in his",
        "cleo": "has not contacted the lead, and has it in no other plan",
    }


def test_a_linked_plan_without_links() -> None:
    """Goes by count, and says so."""
    found = again([1, 0, 1], [1, 0, 2], Links(("zoe",), ()))
    assert found.reason is Reason.EVEN
    assert why(found) == {
        "anna": "had 1 lead, boris had 0",
        "boris": "nobody active in the plan is linked to the lead, so by count: the fewest leads (0)",
        "cleo": "had 1 lead, boris had 0",
    }

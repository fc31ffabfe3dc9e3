"""`salesplan leads` and `salesplan prune` as people use them: what is written, what is said, exit codes."""

import json
from typing import Any

import jsonschema
import pytest

from tests.leads.forgetting import publish
from tests.support.command import salesplan_on
from tests.support.make import EVENT_ID, contact, lead, order, paused, plan
from tests.support.office import Office

NOTHING = "Nothing is known of this lead in this account.\n"
TOPICS = ["subscription", "order", "failed-payment", "paid", "manager-contact"]


@pytest.fixture
async def known(office: Office) -> Office:
    """A lead in two plans that waits in a third, and the same id in another account."""
    await office.edit(plan("alpha", "anna"), plan("beta", "anna", "boris", ordered=["offer"], mode="linked"))
    await office.edit(plan("closed", paused("anna")))
    await office.edit(plan("alpha", "zoe", account="other"))
    await office.write(contact("lead-1", "boris", 5), lead("lead-1", "alpha"), lead("lead-1", "alpha", account="other"))
    await office.write(order("lead-1", "offer"), headers=[("traceparent", b"00-1-2-01")])
    await office.write(lead("lead-1", "closed"), lead("lead-2", "alpha"))
    return office


async def test_an_export_is_all_that_is_known_and_of_this_account_alone(known: Office, database_url: str) -> None:
    """Every value by hand, and by the schema that the command prints."""
    found = await salesplan_on(database_url, "leads", "export", "lead-1", "--account", "acme")
    schema = await salesplan_on(database_url, "leads", "export", "--schema")
    assert (found.code, found.err, schema.code) == (0, "", 0)
    told: dict[str, Any] = json.loads(found.out)
    jsonschema.validate(told, json.loads(schema.out), format_checker=jsonschema.FormatChecker())
    alpha, beta = told.pop("assignments")
    [waiting] = told.pop("waiting")
    del told["exported_at"]
    assert told == {
        "account_id": "acme",
        "lead_id": "lead-1",
        "contacts": [{"manager_id": "boris", "occurred_at": "2026-11-23T12:05:00Z"}],
        "topics": [*TOPICS, "lead-assigned", *(f"dlq.{topic}" for topic in TOPICS)],
    }
    rows = await known.rows(
        "select event_id::text from salesplan_api.assignments where lead_id = 'lead-1' order by account_id, plan_id"
    )
    assert [alpha.pop("event_id"), beta.pop("event_id")] == [event_id for (event_id,) in rows][:2]
    assert alpha.pop("assigned_at") < beta.pop("assigned_at") < waiting.pop("since")
    place = {"partition": 0, "event_id": str(EVENT_ID)}
    common = {"plan_version": 1, "label_text": None, "plan_seq": 1, "previous_manager_id": None, "revision": 1}
    for each in (alpha, beta, waiting):
        each["trigger"]["partition"] = 0
    assert alpha == {
        **common,
        "plan_id": "alpha",
        "plan_name": "Alpha",
        "manager_id": "anna",
        "reason": "even",
        "links": None,
        "trigger": {"kind": "subscription", "ref": "alpha", "topic": "subscription", "offset": 0, **place},
    }
    assert beta == {
        **common,
        "plan_id": "beta",
        "plan_name": "Beta",
        "manager_id": "boris",
        "reason": "linked_contact",
        "links": {"contacts": ["boris"], "plans": [{"plan_id": "alpha", "manager_id": "anna"}]},
        "trigger": {"kind": "order", "ref": "offer", "topic": "order", "offset": 0, **place},
    }
    assert waiting == {
        "plan_id": "closed",
        "traceparent": None,
        "trigger": {"kind": "subscription", "ref": "closed", "topic": "subscription", "offset": 2, **place},
    }


async def test_an_export_of_nobody_says_so(known: Office, database_url: str) -> None:
    """Exit 1, with an object all the same."""
    found = await salesplan_on(database_url, "leads", "export", "lead-2", "--account", "other")
    assert (found.code, found.err) == (1, NOTHING)
    assert json.loads(found.out)["assignments"] == []


async def test_a_lead_is_erased_only_when_told_so(known: Office, database_url: str) -> None:
    """A dry run says what would go; while announcements are to come it is refused; again, there is nothing left."""
    erase = ("leads", "erase", "lead-1", "--account", "acme")
    told = "2 assignments lose its name; 1 waiting rows and 1 contacts are deleted.\n"
    before = await known.everything()

    dry = await salesplan_on(database_url, *erase)
    assert (dry.code, dry.out, dry.err) == (
        0,
        "",
        f"{told}Nothing was changed. Erasing is refused now, since an announcement of the lead is not published yet.\n",
    )
    refused = await salesplan_on(database_url, *erase, "--execute")
    assert refused.code == 75
    assert "an announcement of the lead is still to be published" in refused.err
    assert refused.err.endswith("nothing was changed\n")
    assert await known.everything() == before

    await publish(known)
    dry = await salesplan_on(database_url, *erase)
    assert dry.err == f"{told}Nothing was changed; add --execute to do it.\n"
    done = await salesplan_on(database_url, *erase, "--execute", "--by", "carla")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"{told}Done: ")
    assert "erased-" not in done.err  # the two names side by side would lead back
    assert await known.rows("select erased_by, assignments from salesplan.erasure") == [("carla", 2)]
    again = await salesplan_on(database_url, *erase, "--execute")
    assert (again.code, again.err) == (0, "Nothing was changed: nothing is known of this lead in this account.\n")
    assert (await salesplan_on(database_url, "leads", "export", "lead-1", "--account", "other")).code == 0


async def test_what_is_old_is_pruned_only_when_told_so(known: Office, database_url: str) -> None:
    """By the settings; and where those keep everything, nothing is looked at."""
    await known.write(lead("lead-1", "gone"), lead("lead-1", "new"))
    aged = "update salesplan.unmatched set last_seen_at = last_seen_at - interval '401 days' where ref = 'gone'"
    await known.connection.execute(aged)
    dry = await salesplan_on(database_url, "prune")
    assert dry.code == 0
    first, second = dry.err.splitlines()
    assert first.startswith("unmatched: 1 rows are from before 2")
    assert second == "Nothing was changed; add --execute to do it."
    assert await known.rows("select ref from salesplan.unmatched order by 1") == [("gone",), ("new",)]

    done = await salesplan_on(database_url, "prune", "--execute", SALESPLAN_RETENTION__CONTACT_DAYS="36500")
    assert done.code == 0
    assert [line.split(",")[0] for line in done.err.splitlines()] == [
        "unmatched: 1 rows deleted", "contact: 0 rows deleted"
    ]  # fmt: skip
    assert await known.rows("select ref from salesplan.unmatched") == [("new",)]

    kept = await salesplan_on(database_url, "prune", "--execute", SALESPLAN_RETENTION__UNMATCHED_DAYS="0")
    assert kept.code == 0
    assert kept.err.startswith("Nothing is to be pruned: SALESPLAN_RETENTION__UNMATCHED_DAYS and SALESPLAN_RETENTION__")


@pytest.mark.parametrize(
    "words",
    [("leads", "export", "lead-1", "--account", "acme"), ("leads", "erase", "lead-1", "--account", "acme"), ("prune",)],
    ids=["export", "erase", "prune"],
)
async def test_a_database_that_is_away_is_told_in_a_line(words: tuple[str, ...]) -> None:
    """Exit 75, and no password."""
    found = await salesplan_on("postgresql://user:hunter2@127.0.0.1:1/none", *words)
    assert found.code == 75
    assert found.err.startswith("Postgres: ")
    assert len(found.err.splitlines()) == 1
    assert "hunter2" not in found.err

"""A head of sales reads and edits the plans of her account over the heads' login, by everybody's statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from db import query
from tests.db.entering import entered, rows
from tests.oracle import Rules
from tests.support.make import NOON, contact, lead, plan
from tests.support.office import Office, spec
from worker.explain.explanation import explain
from worker.plans import store
from worker.plans.change import Change, PlanRefusedError
from worker.plans.file import PlanFile
from worker.postgres import Connection
from worker.words import english

CLIENTS = query("console/clients")
NUMBERS_BEFORE = query("console/numbers_before")


async def apply(head: Connection, *plans: Rules) -> list[str]:
    file = PlanFile(account="acme", plans=tuple(map(spec, plans)))
    async with entered(head, "hanna@x", isolation="read_committed"):
        return [change.kind for change in await store.apply(head, file, changed_by="hanna@x", execute=True)]


async def test_she_reads_her_plans_with_their_counts(house: Office, head: Connection) -> None:
    """She reads the same plans as an operator who asks for that account."""
    async with entered(head, "hanna@x"):
        seen = await store.read(head)
    assert seen == await store.read(house.connection, "acme")
    assert [(plan.spec.id, plan.leads) for plan in seen] == [("empty", 1), ("july", 4), ("june", 4), ("may", 4)]


async def test_she_edits_her_plans(house: Office, head: Connection) -> None:
    """New, changed, paused, archived: in force at once for workers, and named in the history as hers."""
    changed = plan("june", "anna", "boris", "clara", lgts=["june", "more"])
    assert await apply(head, plan("autumn", "clara"), changed) == ["new", "changed"]
    async with entered(head, "hanna@x", isolation="read_committed"):
        await store.set_paused(head, "acme", "june", "anna", paused=True, changed_by="hanna@x", execute=True)
        await store.archive(head, "acme", "may", changed_by="hanna@x", execute=True)
    await house.write(lead("new-0", "autumn"), lead("new-1", "more"), lead("new-2", "more"), lead("new-3", "may"))
    given = {row.lead_id: (row.plan_id, row.manager_id) for row in await house.given() if row.lead_id[:3] == "new"}
    assert given == {"new-0": ("autumn", "clara"), "new-1": ("june", "clara"), "new-2": ("june", "clara")}
    async with entered(head, "hanna@x"):
        june = {plan.spec.id: plan for plan in await store.read(head)}["june"]
        versions = await head.fetch(query("console/versions"), june.plan_no)
    assert (june.version, june.assigned) == (3, {"anna": 2, "boris": 2, "clara": 2})
    assert [(row["version"], row["changed_by"]) for row in versions] == [(3, "hanna@x"), (2, "hanna@x"), (1, "test")]


async def test_an_edit_that_is_refused_names_her_own_plan(head: Connection) -> None:
    """An LGT of another account's plan is free for her: accounts never mix."""
    taken = Change(None, spec(plan("autumn", "anna", lgts=["july"])))
    with pytest.raises(PlanRefusedError) as caught:
        async with entered(head, "hanna@x", isolation="read_committed"):
            await store.edit(head, "acme", lambda _: [taken], changed_by="hanna@x", execute=True)
    told = "plan 'autumn': LGT 'july' is in plan 'july'; an LGT is in one plan only"
    assert [english.refusal(fault) for fault in caught.value.faults] == [told]
    assert await apply(head, plan("autumn", "anna", lgts=["secret"])) == ["new"]


async def test_an_account_s_first_plan(house: Office, head: Connection) -> None:
    async with entered(head, "hanna@x", "initech", isolation="read_committed"):
        assert await store.read(head) == []
        file = PlanFile(account="initech", plans=(spec(plan("june", "ines")),))
        await store.apply(head, file, changed_by="hanna@x", execute=True)
    assert [plan.spec.id for plan in await store.read(house.connection, "initech")] == ["june"]


async def test_why_is_the_same_as_for_an_operator(house: Office, head: Connection) -> None:
    """Decisions, links, contacts and waiting leads, and nothing of another account's lead."""
    await house.write(contact("june-0", "anna", 3))
    for lead_id, found in (("june-0", (1, 0, 2)), ("june-2", (1, 0, 0)), ("waits", (0, 1, 0)), ("g-0", (0, 0, 0))):
        async with entered(head, "hanna@x"):
            seen = await explain(head, "acme", lead_id)
        assert seen == await explain(house.connection, "acme", lead_id)
        assert (len(seen.decisions), len(seen.waiting), len(seen.contacts)) == found
        assert seen.agrees
    for lead_id in ("g-0", "g-waits"):
        async with entered(head, "hanna@x"):
            seen = await explain(head, "globex", lead_id)
        assert (seen.decisions, seen.waiting, seen.contacts) == ((), (), ())


async def clients(head: Connection, plan_id: str, *further: object) -> list[object]:
    return [row[0] for row in await rows(head, CLIENTS, plan_id, *further)]


async def test_clients_newest_first_of_all_or_of_one(house: Office, head: Connection) -> None:
    async with entered(head, "hanna@x"):
        assert await clients(head, "june", None, None, 50) == [4, 3, 2, 1]
        assert await clients(head, "june", None, 3, 1) == [2]
        assert await clients(head, "june", "boris", None, 50) == [3, 1]
        assert await clients(head, "june", "boris", 3, 50) == [1]
        assert await clients(head, "june", "boris", 1, 50) == []
        for of_nobody in (("june", "otto", None, 9), ("june", "otto", 9, 9), ("secret", None, None, 9)):
            assert await clients(head, *of_nobody) == []
        (first, *_) = await head.fetch(CLIENTS, "june", None, None, 1)
    expected = await house.connection.fetchrow(
        "select plan_seq, lead_id, manager_id, reason, plan_version, trigger_kind, trigger_ref, assigned_at"
        " from salesplan.assignment where lead_id = 'june-3'"
    )
    assert first == expected
    await house.write(*(lead(f"many-{number}", "july") for number in range(1100)))
    async with entered(head, "hanna@x"):
        assert await clients(head, "july", None, None, 5000) == [*range(1104, 104, -1)]


async def at_hours(house: Office, plan_id: str, hours: Sequence[int]) -> None:
    """Leads of acme's plan, one at each of these hours."""
    await house.write(*(lead(f"hour-{number}", plan_id) for number in range(len(hours))))
    for number, hour in enumerate(hours):
        await house.connection.execute(
            "update salesplan.assignment set assigned_at = $1 where lead_id = $2",
            NOON + timedelta(hours=hour),
            f"hour-{number}",
        )


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], [0, 0, 0, 0, 0]),
        ([5], [0, 0, 0, 1, 1]),
        ([0, 0, 2, 2, 2, 3], [0, 2, 2, 6, 6]),
        ([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 6, 7]),
        ([-9, -8, 9, 10], [2, 2, 2, 2, 4]),
    ],
)
async def test_the_number_that_a_time_had(
    house: Office, head: Connection, hours: list[int], expected: list[int]
) -> None:
    """The number is that of the last lead before the time. A lead at the very time is not before it."""
    await house.edit(plan("autumn", "anna"))
    await at_hours(house, "autumn", hours)
    times = [NOON + timedelta(hours=hour) for hour in (0, 1, 2, 6, 48)]
    async with entered(head, "hanna@x"):
        found = {row["before_time"]: row["plan_seq"] for row in await head.fetch(NUMBERS_BEFORE, "autumn", times)}
        assert [found[time] for time in times] == expected
        assert await rows(head, NUMBERS_BEFORE, "secret", times) == []


async def test_the_figures_of_her_pages(house: Office, head: Connection) -> None:
    """All are of her account."""
    june = next(plan for plan in await store.read(house.connection, "acme") if plan.spec.id == "june")
    secret = next(plan for plan in await store.read(house.connection, "globex") if plan.spec.id == "june")
    empty = next(plan for plan in await store.read(house.connection, "acme") if plan.spec.id == "empty")
    async with entered(head, "hanna@x"):
        shares = query("console/shares_between")
        assert set(await rows(head, shares, june.plan_no, 0, 4)) == {("anna", 2), ("boris", 2)}
        assert await rows(head, shares, june.plan_no, 2, 3) == [("boris", 1)]
        assert await rows(head, shares, secret.plan_no, 0, 4) == []
        sources = query("console/sources_between")
        assert await rows(head, sources, june.plan_no, 1, 4) == [("subscription", "june", 3)]
        assert await rows(head, sources, secret.plan_no, 0, 4) == []
        waiting = query("console/waiting")
        assert [row[0] for row in await rows(head, waiting, empty.plan_no, 9)] == ["waits"]
        assert await rows(head, waiting, secret.plan_no, 9) == []
        assert [row[:2] for row in await rows(head, query("console/waiting_plans"))] == [(empty.plan_no, 1)]
        unmatched = query("console/unmatched")
        strays = await rows(head, unmatched, ["order", "subscription"], 9)
        assert [row[:3] for row in strays] == [("subscription", "unknown", 1)]
        assert await rows(head, unmatched, ["order"], 9) == []
        kinds = await rows(head, query("console/unmatched_kinds"), datetime(2026, 1, 1, tzinfo=UTC))
        assert [row[:3] for row in kinds] == [("subscription", 1, 1)]
        assert len(await rows(head, query("console/names"))) == 3
        assert await rows(head, query("console/versions"), secret.plan_no) == []
        latest = await rows(head, query("console/last_lead"))
    assert latest == await house.rows(
        "select max(assigned_at), null::timestamptz from salesplan_api.assignments where account_id = 'acme'"
    )


async def test_nobody_reads_or_edits_anything(head: Connection) -> None:
    assert await store.read(head) == []
    for name in ("names", "waiting_plans"):
        assert await rows(head, query(f"console/{name}")) == []
    assert await rows(head, query("console/unmatched"), ["subscription"], 9) == []
    assert await rows(head, query("console/unmatched_kinds"), datetime(2026, 1, 1, tzinfo=UTC)) == []
    assert await rows(head, query("console/owners"), "june-0") == []
    assert await clients(head, "june", None, None, 50) == []

"""`salesplan plans forecast`, and the forecasts of dry runs: exit codes, stdout, stderr."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from worker import postgres

PLANS = """
account: acme
plans:
  - {id: june, name: June, conversion_percent: 10, average_sale: "149.10", lgts: [l1],
     managers: [anna, boris, {id: dora, paused: true}]}
  - {id: july, name: July, conversion_percent: 5, average_sale: 1, managers: [anna], mode: linked, offers: {paid: [o]}}
"""
# Anna and boris have 143 each.
FILL = """
update salesplan.plan_counter set last_seq = 286, assigned = '{143, 143, 0}', last_seqs = '{285, 286, 0}'
where plan_no = (select plan_no from salesplan.plan where plan_id = 'june');
insert into salesplan.assignment
       (plan_no, plan_seq, lead_id, manager_id, revision, reason, plan_version, trigger_kind, trigger_event_id,
        trigger_ref, source_topic, source_partition, source_offset, event_id, assigned_at)
select plan_no, n, 'lead-' || n, 'anna', 1, 'even', 1, 'order', gen_random_uuid(), 'offer', 'order', 0, n,
       gen_random_uuid(), now() - interval '1 hour' * (287 - n) * age
from salesplan.plan, generate_series(1, 286) n, (select AGE) as a (age)
where plan_id = 'june'
"""


@pytest.fixture
def run(in_process: InProcess, database_url: str, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return in_process


@pytest.fixture
def plans(run: InProcess, tmp_path: Path) -> Path:
    path = tmp_path / "plans.yaml"
    path.write_text(PLANS)
    assert run("plans", "apply", str(path), "--execute").code == 0
    return path


def execute(database_url: str, statement: str) -> None:
    async def executed() -> None:
        async with postgres.connected(database_url, application_name="test") as connection:
            await connection.execute(statement)

    asyncio.run(executed())


def fill(database_url: str, age: int) -> None:
    """A lead every ``age`` hours, the latest ``age`` hours ago."""
    execute(database_url, FILL.replace("AGE", str(age)))


def test_a_newcomer_catches_up(run: InProcess, plans: Path, database_url: str) -> None:
    """Leads every hour: 24 a day, so 143 of them take six days."""
    fill(database_url, 1)
    result = run("plans", "forecast", "june", "--account", "acme", "--add", "olga")
    assert (result.code, result.err) == (0, "")
    first, second = result.out.splitlines()
    assert first == "june: olga joins, colleagues have 143 each; 24 leads a day over the last 7 days"
    assert second.startswith("  the next 143 leads, about 6 days; the others get none until ")


def test_json(run: InProcess, plans: Path, database_url: str) -> None:
    fill(database_url, 1)
    result = run("plans", "forecast", "june", "--account", "acme", "--add", "olga", "--json")
    assert result.code == 0
    assert json.loads(result.out) == {
        "plan": "june",
        "next": ["olga"] * 143 + ["anna", "boris"],
        "pace_per_day": 23.9,
        "policies": {"full": {"run": 143}},
    }


def test_json_of_a_linked_plan_says_that_linked_leads_are_not_in_it(run: InProcess, plans: Path) -> None:
    found = json.loads(run("plans", "forecast", "july", "--account", "acme", "--json").out)
    assert found == {
        "plan": "july",
        "next": ["anna"] * 20,
        "pace_per_day": 0.0,
        "policies": {"full": {"run": 0}},
        "linked": True,
    }
    assert run("plans", "forecast", "july", "--account", "acme").out == (
        "july: anna has 0; no leads in the last 7 days\n"
        "  every lead goes to anna, the only active manager\n"
        "  the plan is linked: a lead goes first to a manager who knows it, which no forecast foresees\n"
    )


def test_several_changes_at_once(run: InProcess, plans: Path, database_url: str) -> None:
    """Boris is paused, dora comes back, olga joins: only anna is left of those with leads."""
    fill(database_url, 1000)
    words = ("--add", "olga", "--pause", "boris", "--resume", "dora")
    assert run("plans", "forecast", "june", "--account", "acme", *words).out == (
        "june: olga joins, dora comes back with 0, boris stops, anna has 143; no leads in the last 7 days\n"
        "  the next 286 leads; the others get none meanwhile\n"
    )


def test_without_a_change(run: InProcess, plans: Path, database_url: str) -> None:
    fill(database_url, 12)
    assert run("plans", "forecast", "june", "--account", "acme").out == (
        "june: 2 active managers have 143 each; 1.9 leads a day over the last 7 days\n"
        "  the next leads go to anna, boris, by turns\n"
    )


def test_a_run_beyond_the_limit_is_marked_in_json(run: InProcess, plans: Path, database_url: str) -> None:
    fill(database_url, 1000)

    grown = "update salesplan.plan_counter set assigned = '{9000, 9000, 0}' where last_seq > 0"
    execute(database_url, grown)
    found = json.loads(run("plans", "forecast", "june", "--account", "acme", "--add", "olga", "--json").out)
    assert found["policies"] == {"full": {"run": 5000, "exact": False}}
    text = run("plans", "forecast", "june", "--account", "acme", "--add", "olga").out
    assert "at least the next 5,000 leads; the others get none meanwhile" in text


@pytest.mark.parametrize("executes", [False, True])
def test_dry_runs_say_it(run: InProcess, plans: Path, database_url: str, executes: bool) -> None:
    """Beside the warnings; where the change is made, it is not foretold any more."""
    fill(database_url, 1000)
    more = ("--execute",) if executes else ()
    paused = run("plans", "pause", "june", "boris", "--account", "acme", *more)
    resumed = run("plans", "resume", "june", "dora", "--account", "acme", *more)
    plans.write_text(
        PLANS.replace("anna, boris", "anna, boris, olga").replace("id: july, name: July", "id: july, name: J")
    )
    applied = run("plans", "apply", str(plans), *more)
    archived = run("plans", "archive", "june", "--account", "acme", *more)
    assert [each.code for each in (paused, resumed, applied, archived)] == [0] * 4
    told = [each.err.count("forecast: ") for each in (paused, resumed, applied, archived)]
    assert told == ([0] * 4 if executes else [1] * 4)
    if not executes:
        assert (
            "forecast: june: boris stops, anna has 143; no leads in the last 7 days\n"
            "  every lead goes to anna, the only active manager\n"
        ) in paused.err
        assert "forecast: june: dora comes back with 0, colleagues have 143 each; " in resumed.err
        assert "forecast: june: olga joins, colleagues have 143 each; " in applied.err
        assert "  the plan is archived: no more leads enter it\n" in archived.err


def test_check_says_it_too(run: InProcess, plans: Path, database_url: str) -> None:
    plans.write_text(PLANS.replace("anna, boris", "anna"))
    assert "forecast: june: boris stops, anna has 0; " in run("plans", "check", str(plans)).err


def test_a_change_that_leaves_the_active_managers_is_not_foretold(run: InProcess, plans: Path) -> None:
    plans.write_text(PLANS.replace("name: June", "name: Juno").replace("{id: dora, paused: true}", ""))
    assert "forecast" not in run("plans", "apply", str(plans)).err
    assert "forecast" not in run("plans", "pause", "june", "dora", "--account", "acme").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("june", "--add", "anna"), "error: 'anna' is already in plan 'june'"),
        (("june", "--add", "dora"), "error: 'dora' is already in plan 'june'"),
        (("june", "--pause", "bors"), "error: 'bors' is not in plan 'june'; did you mean 'boris'?"),
        (("june", "--resume", "zed"), "error: 'zed' is not in plan 'june'"),
        (("jun",), "error: the account has no plan 'jun'; did you mean 'june'?"),
    ],
)
def test_a_name_that_does_not_fit_ends_with_1(run: InProcess, plans: Path, words: tuple[str, ...], told: str) -> None:
    result = run("plans", "forecast", *words, "--account", "acme")
    assert (result.code, result.out) == (1, "")
    assert told in result.err


def test_an_archived_plan_ends_with_1(run: InProcess, plans: Path) -> None:
    run("plans", "archive", "june", "--account", "acme", "--execute")
    result = run("plans", "forecast", "june", "--account", "acme")
    assert (result.code, "error: plan 'june' is archived\n" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("june",), "--account"),
        ((), "plan"),
        (("june", "--account", "acme", "--add", "o", "--pause", "o"), "'o'"),
        (("june", "--account", "acme", "--add", "o", "--add", "o"), "'o'"),
        (("june", "--account", "acme", "--add", ""), "''"),
        (("june", "--account", "acme", "--add", "a\tb"), "printable"),
    ],
)
def test_wrong_usage_ends_with_2(in_process: InProcess, words: tuple[str, ...], told: str) -> None:
    """Before any database is asked."""
    result = in_process("plans", "forecast", *words)
    assert (result.code, result.out) == (2, "")
    assert told in result.err

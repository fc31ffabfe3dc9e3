"""The commands for plans, settings and migrations as people use them: exit codes, stdout, stderr."""

import asyncio
import json
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.support.in_process import InProcess

NO_SERVER = "postgresql://user:hunter2@127.0.0.1:1/none"
PLANS = """
account: acme
plans:
  - {id: june, name: June, conversion_percent: 10, average_sale: "149.10", managers: [anna, boris], lgts: [l1]}
  - {id: july, name: "July [red]", conversion_percent: 5, average_sale: 1, managers: [anna], offers: {paid: [o]}}
"""


@pytest.fixture
def run(in_process: InProcess) -> InProcess:
    return in_process


@pytest.fixture
def with_database(run: InProcess, database_url: str, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return run


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    path = tmp_path / "plans.yaml"
    path.write_text(PLANS)
    return path


def listed(run: InProcess) -> dict[str, dict[str, object]]:
    return {plan["id"]: plan for plan in json.loads(run("plans", "list", "--json").out)}


def test_check_without_a_database_checks_the_file_alone_and_says_so(run: InProcess, plans: Path) -> None:
    result = run("plans", "check", str(plans))
    assert result.code == 0
    assert "No database is configured" in result.err


def test_a_plan_file_may_come_from_stdin(run: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(PLANS.encode())))
    result = run("plans", "check", "-")
    assert result.code == 0
    assert "in order by itself" in result.err


def test_a_file_that_is_not_there_is_named(run: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a short name is in one line, however wide the terminal
    Path("folder").mkdir()
    for name in ("none.yaml", "folder"):
        result = run("plans", "apply", name)
        assert result.code == 2
        assert name in result.err
        assert "directory" in result.err  # as the system says it: no such file or directory, is a directory


def test_check_names_every_fault_and_ends_with_1(run: InProcess, plans: Path) -> None:
    plans.write_text(PLANS.replace("[anna]", "[anna, anna]").replace("149.10", "1.495"))
    result = run("plans", "check", str(plans))
    assert (result.code, result.out) == (1, "")
    assert "error: plans[0].average_sale: " in result.err
    assert "error: plans[1].managers: 'anna' is there more than once" in result.err


def test_check_with_a_database_shows_the_difference_and_what_speaks_against_it(
    with_database: InProcess, plans: Path
) -> None:
    with_database("plans", "apply", str(plans), "--execute")
    plans.write_text(PLANS.replace("June", "Juno"))
    result = with_database("plans", "check", str(plans))
    assert result.code == 0
    assert "june: changed, version 1 -> 2\n  name: June -> Juno\njuly: unchanged, version 1\n" in result.out
    plans.write_text(PLANS.replace("id: june", "id: may"))
    result = with_database("plans", "check", str(plans))
    assert result.code == 1
    assert "plans[0].lgts: 'l1' is in plan 'june'" in result.err


def test_a_ghost_of_a_manager_is_warned_of_and_no_fault(with_database: InProcess, plans: Path) -> None:
    """He is in another plan of the account, and the account itself is spelt with a blank."""
    with_database("plans", "apply", str(plans), "--execute")
    ghost = PLANS.replace("june", "may").replace("july", "august").replace("l1", "l3").replace("anna", '"anna\\u200b"')
    plans.write_text(ghost)
    alike = "warning: managers 'anna' and 'anna\\u200b' look alike and are different ids\n"
    for words in (("check", str(plans)), ("apply", str(plans)), ("apply", str(plans), "--execute")):
        result = with_database("plans", *words)
        assert result.code == 0, result.err
        assert result.err.count(alike) == 1
    plans.write_text(PLANS.replace("account: acme", 'account: "acme "'))
    result = with_database("plans", "check", str(plans))
    assert result.code == 0
    assert "warning: account 'acme ' begins or ends with a blank, which is part of the id\n" in result.err


def test_nothing_is_written_without_execute(with_database: InProcess, plans: Path) -> None:
    result = with_database("plans", "apply", str(plans))
    assert result.code == 0
    assert "june: new, version 1\n" in result.out
    assert "  average_sale: 149.10\n" in result.out
    assert "name: July [red]" in result.out
    assert "Nothing was changed; add --execute" in result.err
    assert listed(with_database) == {}


def test_each_difference_is_a_line_to_the_byte(with_database: InProcess, plans: Path) -> None:
    """Lists with commas, numbers with two decimals, `none` for what is gone."""
    with_database("plans", "apply", str(plans), "--execute")
    changed = PLANS.replace(
        '"149.10", managers: [anna, boris], lgts: [l1]', "2.5, managers: [{id: boris, paused: true}]"
    )
    plans.write_text(changed.replace("name: June,", 'name: June, label: {text: New, color: "#2563EB"}, mode: linked,'))
    result = with_database("plans", "apply", str(plans))
    assert result.out == (
        "june: changed, version 1 -> 2\n"
        "  average_sale: 149.10 -> 2.50\n"
        "  label.text: New\n"
        "  label.color: #2563eb\n"
        "  managers: anna, boris -> boris (paused)\n"
        "  lgts: l1 -> none\n"
        "  mode: even -> linked\n"
        "july: unchanged, version 1\n"
    )


def test_apply_writes_with_execute_and_finds_nothing_to_do_the_second_time(
    with_database: InProcess, plans: Path
) -> None:
    result = with_database("plans", "apply", str(plans), "--execute", "--by", "olga")
    assert result.code == 0
    assert "Done: 2 of 2 plans changed." in result.err
    june = listed(with_database)["june"]
    assert june["average_sale"] == {"amount": "149.10", "currency": "USD"}
    assert (june["changed_by"], june["version"]) == ("olga", 1)
    again = with_database("plans", "apply", str(plans), "--execute")
    assert again.code == 0
    assert "Nothing to change" in again.err


def test_the_potential_is_that_of_the_view(with_database: InProcess, plans: Path, database_url: str) -> None:
    with_database("plans", "apply", str(plans), "--execute")

    async def count() -> str:
        import asyncpg  # noqa: PLC0415 - beside the fixtures' own connections

        connection = await asyncpg.connect(database_url)
        await connection.execute(
            "update salesplan.plan_counter set last_seq = 5, assigned[1] = 5, waiting = 2 where plan_no = "
            "(select plan_no from salesplan.plan where plan_id = 'june')"
        )
        found = await connection.fetchval("select potential_usd from salesplan_api.plans where plan_id = 'june'")
        await connection.close()
        return str(found)

    assert listed(with_database)["june"]["potential"] == {"amount": "0.00", "currency": "USD"}
    potential = asyncio.run(count())
    assert listed(with_database)["june"]["potential"] == {"amount": potential, "currency": "USD"}
    assert potential in with_database("plans", "list").out


def test_pause_resume_and_archive_change_one_thing_each(with_database: InProcess, plans: Path) -> None:
    with_database("plans", "apply", str(plans), "--execute")

    dry = with_database("plans", "pause", "june", "anna", "--account", "acme")
    assert dry.code == 0
    assert "add --execute" in dry.err
    assert listed(with_database)["june"]["version"] == 1

    assert with_database("plans", "pause", "june", "anna", "--account", "acme", "--execute").code == 0
    assert listed(with_database)["june"]["managers"] == [
        {"id": "anna", "paused": True, "assigned": 0},
        {"id": "boris", "paused": False, "assigned": 0},
    ]
    assert with_database("plans", "resume", "june", "anna", "--account", "acme", "--execute").code == 0
    assert with_database("plans", "archive", "june", "--account", "acme", "--execute").code == 0
    june = listed(with_database)["june"]
    assert (june["version"], june["archived"]) == (4, True)


def test_pausing_the_last_active_manager_is_warned_of(with_database: InProcess, plans: Path) -> None:
    with_database("plans", "apply", str(plans), "--execute")
    result = with_database("plans", "pause", "july", "anna", "--account", "acme")
    assert "warning: plan 'july': no active manager" in result.err


def test_a_plan_or_manager_that_is_not_there_ends_with_1(with_database: InProcess, plans: Path) -> None:
    with_database("plans", "apply", str(plans), "--execute")
    result = with_database("plans", "resume", "june", "ana", "--account", "acme", "--execute")
    assert (result.code, "did you mean 'anna'" in result.err) == (1, True)


@pytest.mark.parametrize(
    "words", [("plans", "check", "nowhere.yaml"), ("plans", "pause", "june", "anna"), ("nonsense",)]
)
def test_wrong_usage_ends_with_2(run: InProcess, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


@pytest.mark.parametrize("words", [("plans", "list"), ("migrate",)])
def test_a_database_that_does_not_answer_ends_with_75_and_one_line(
    run: InProcess, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", NO_SERVER)
    result = run(*words)
    assert result.code == 75
    assert result.err.startswith("Postgres: ")
    assert result.err.count("\n") == 1
    assert "hunter2" not in result.err


def test_a_database_that_is_not_migrated_says_what_to_do(with_database: InProcess, database_url: str) -> None:
    async def drop() -> None:
        import asyncpg  # noqa: PLC0415 - beside the fixtures' own connections

        connection = await asyncpg.connect(database_url)
        await connection.execute("drop schema salesplan cascade")
        await connection.close()

    asyncio.run(drop())
    result = with_database("plans", "list")
    assert (result.code, result.err) == (75, "Postgres: the database is not migrated; run salesplan migrate\n")


def test_migrate_is_harmless_when_repeated(with_database: InProcess) -> None:
    assert with_database("migrate").code == 0


def test_migrate_without_its_extra_says_what_is_missing(run: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)
    result = run("migrate")
    assert (result.code, result.err) == (78, "salesplan migrate needs its extra: pip install 'salesplan[migrate]'\n")


@pytest.mark.parametrize("words", [("config", "check"), ("config", "show"), ("plans", "list"), ("migrate",)])
def test_every_fault_of_the_settings_is_told_at_once_with_78(
    run: InProcess, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root:hunter2@h")
    monkeypatch.setenv("SALESPLAN_LOG__LEVL", "info")
    result = run(*words)
    assert (result.code, result.out) == (78, "")
    assert "DATABASE_URL: must be" in result.err
    assert "SALESPLAN_LOG__LEVL: is no setting; did you mean SALESPLAN_LOG__LEVEL?" in result.err
    assert "hunter2" not in result.err


def test_config_show_masks_secrets(run: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", NO_SERVER)
    shown = run("config", "show")
    assert "DATABASE_URL=********\n" in shown.out
    assert "SALESPLAN_LOG__LEVEL=info\n" in shown.out
    assert json.loads(run("config", "show", "--json").out)["DATABASE_URL"] == "********"
    assert "hunter2" not in shown.out
    assert run("config", "check").code == 0


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "worker", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Usage: " in done.stderr

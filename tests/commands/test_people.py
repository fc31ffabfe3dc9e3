"""`salesplan people` and `salesplan names` as an operator runs them, and with which logins."""

from __future__ import annotations

import json

import pytest

from tests.stage.environment import outside
from tests.support.command import Result, salesplan
from tests.support.logins import login
from tests.support.make import plan
from tests.support.office import Office

DRY = "Nothing was changed; add --execute to do it.\n"
ACME = ("--account", "acme")
NAMES = "kind,id,name\nmanager,anna,Anna\n"


@pytest.fixture(autouse=True)
async def office(database_url: str) -> None:
    """An account with a plan of anna's."""
    async with Office.open(database_url) as office:
        await office.edit(plan("june", "anna"))


async def run(dsn: str, *words: str, text: str = "") -> Result:
    return await salesplan({**outside(), "DATABASE_URL": dsn}, *words, text=text)


async def test_people_are_added_listed_changed_and_removed(database_url: str) -> None:
    """Nothing is written without --execute; a user is one person in an account."""
    head = ("people", "add", "hanna@x", *ACME, "--head")
    assert await run(database_url, *head) == (0, "hanna@x: head of sales in acme\n", DRY)
    assert (await run(database_url, "people", "list")).out == ""
    assert await run(database_url, *head, "--execute") == (0, "hanna@x: head of sales in acme\n", "Done.\n")
    again = await run(database_url, *head, "--execute")
    assert again.err == "Nothing to change: it is as wanted.\n"
    changed = await run(database_url, "people", "add", "hanna@x", *ACME, "--manager", "anna", "--execute")
    assert changed == (0, "hanna@x: head of sales -> manager anna in acme\n", "Done.\n")
    await run(database_url, "people", "add", "hugo@x", "--account", "globex", "--head", "--execute")
    listed = await run(database_url, "people", "list")
    assert [line.split() for line in listed.out.splitlines()] == [
        ["USER", "ACCOUNT", "ROLE", "MANAGER"],
        ["hanna@x", "acme", "manager", "anna"],
        ["hugo@x", "globex", "head"],
    ]
    as_json = await run(database_url, "people", "list", *ACME, "--json")
    assert json.loads(as_json.out) == [{"account": "acme", "user": "hanna@x", "role": "manager", "manager": "anna"}]
    remove = ("people", "remove", "hanna@x", *ACME)
    assert await run(database_url, *remove) == (0, "hanna@x: manager anna -> nobody in acme\n", DRY)
    assert (await run(database_url, *remove, "--execute")).err == "Done.\n"
    gone = await run(database_url, *remove, "--execute")
    assert (gone.code, gone.err) == (1, "error: 'hanna@x' is nobody in account 'acme'\nNothing was changed.\n")


async def test_what_looks_mistyped_is_told(database_url: str) -> None:
    """And done all the same: plans may come later."""
    ana = await run(database_url, "people", "add", "x", *ACME, "--manager", "ana", "--execute")
    assert ana.err == "warning: manager 'ana' was never in a plan of account 'acme'; did you mean 'anna'?\nDone.\n"
    acne = await run(database_url, "people", "add", "x", "--account", "acne", "--head")
    assert acne.err == f"warning: account 'acne' has no plans yet\n{DRY}"
    near = await run(database_url, "people", "remove", "X", *ACME)
    assert (near.code, near.err.splitlines()[0]) == (1, "error: 'X' is nobody in account 'acme'")


@pytest.mark.parametrize("words", [(), ("--head", "--manager", "anna")])
async def test_a_person_is_head_or_manager(words: tuple[str, ...], database_url: str) -> None:
    assert (await run(database_url, "people", "add", "x", *ACME, *words)).code == 2


@pytest.mark.parametrize(
    ("user", "account", "manager", "told"),
    [
        ("", "acme", "anna", "USER must be a string of 1 to 255 printable characters"),
        ("x" * 256, "acme", "anna", "USER must be a string of 1 to 255 printable characters"),
        ("x", "a\nb", "anna", "--account must be a string of 1 to 128 printable characters"),
        ("x", "acme", "", "--manager must be a string of 1 to 128 printable characters"),
    ],
)
async def test_what_can_not_be_kept_is_refused(
    database_url: str, user: str, account: str, manager: str, told: str
) -> None:
    ran = await run(database_url, "people", "add", user, "--account", account, "--manager", manager, "--execute")
    assert (ran.code, ran.err) == (1, f"error: {told}\nNothing was changed.\n")


async def test_names_of_a_file(database_url: str) -> None:
    apply = ("names", "apply", "-", *ACME)
    assert await run(database_url, *apply, text=NAMES) == (0, "manager anna: Anna\n", DRY)
    assert await run(database_url, *apply, "--execute", text=NAMES) == (0, "manager anna: Anna\n", "Done.\n")
    changed = await run(database_url, *apply, "--execute", text=NAMES.replace(",Anna", ",Anna P."))
    assert changed.out == "manager anna: Anna -> Anna P.\n"
    bad = await run(database_url, *apply, "--execute", text=f"{NAMES}manager,boris,Boris\nteam,b,B\n")
    assert (bad.code, bad.out) == (1, "")
    assert bad.err == "error: line 4, kind: must be manager, lgt or offer\nNothing was changed.\n"


async def test_a_worker_s_login_names_and_lets_nobody_in(database_url: str) -> None:
    """Anybody who writes people can become anybody, so only the owner may. Readers list them."""
    person = ("people", "add", "mallory", *ACME, "--head", "--execute")
    async with login(database_url, "salesplan_worker") as worker, login(database_url, "salesplan_reader") as reader:
        assert (await run(worker.dsn, "names", "apply", "-", *ACME, "--execute", text=NAMES)).code == 0
        assert (await run(reader.dsn, "people", "list")).code == 0
        for who, words in ((worker, person), (reader, person), (reader, ("names", "apply", "-", *ACME, "--execute"))):
            refused = await run(who.dsn, *words, text=NAMES.replace("Anna", "Other"))
            assert (refused.code, refused.err.count("\n")) == (78, 1), refused
            assert "permission denied for table " in refused.err
    assert (await run(database_url, "people", "list")).out == ""

"""salesplan people add, list, remove; names apply."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from worker.commands.shell import Exit, asynchronous, data, database, say
from worker.commands.table import print_table
from worker.people import names as naming
from worker.people import store
from worker.people.names import NamesFileError
from worker.people.store import Person, PersonRefusedError
from worker.settings import load_settings

app = typer.Typer(help="Add, list and remove the people of the console.", no_args_is_help=True)
names_app = typer.Typer(help="Set the names that the console shows beside ids.", no_args_is_help=True)

User = Annotated[str, typer.Argument(help="The user's name, as the console's proxy gives it.")]
Account = Annotated[str, typer.Option("--account", help="The account that lets the user in.")]
Head = Annotated[bool, typer.Option("--head", help="The user is its head of sales.")]
Manager = Annotated[str | None, typer.Option("--manager", help="The user is the manager with this id.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]


@app.command()
@asynchronous
async def add(
    user: User, *, account: Account, head: Head = False, manager: Manager = None, execute: Execute = False
) -> None:
    """Let a user in as the head of sales of an account, or as one of its managers. An earlier role there ends."""
    if head == (manager is not None):
        raise typer.BadParameter("give either --head or --manager M")
    person = Person(account, user, manager)
    with reporting_faults():
        async with database(load_settings()) as connection:
            before = await store.add(connection, person, execute=execute)
            warnings = await store.warnings(connection, person)
    data(f"{user}: {f'{_role(before)} -> ' if before and before != person else ''}{_role(person)} in {account}")
    for warning in warnings:
        say(f"warning: {warning}")
    _say_done(is_same=before == person, execute=execute)


@app.command()
@asynchronous
async def remove(user: User, *, account: Account, execute: Execute = False) -> None:
    """Stop letting a user into an account, from the user's next page on."""
    with reporting_faults():
        async with database(load_settings()) as connection:
            before = await store.remove(connection, account, user, execute=execute)
    data(f"{user}: {_role(before)} -> nobody in {account}")
    _say_done(is_same=False, execute=execute)


@app.command("list")
@asynchronous
async def list_people(
    *,
    account: Annotated[str | None, typer.Option("--account", help="Only this account's people.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON array.")] = False,
) -> None:
    """List the people who are let in, with their roles."""
    async with database(load_settings()) as connection:
        people = await store.read(connection, account)
    if as_json:
        data(json.dumps([_as_object(person) for person in people], ensure_ascii=False))
    elif people:
        rows = [(person.user_id, person.account_id, person.role, person.manager_id or "") for person in people]
        print_table(("USER", "ACCOUNT", "ROLE", "MANAGER"), rows, words=("ACCOUNT", "ROLE"))
    else:
        say("There are no people. Let somebody in: salesplan people add USER --account A --head --execute")


@names_app.command("apply")
@asynchronous
async def apply_names(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help=f"CSV with a first line {naming.HEADER}; - is stdin.")],
    *,
    account: Annotated[str, typer.Option("--account", help="The account whose managers, LGTs and offers are named.")],
    execute: Execute = False,
) -> None:
    """Set the names in a file, all or none; ids that are not in the file keep their names."""
    with reporting_faults():
        names = naming.parse(file.read())
        async with database(load_settings()) as connection:
            changes = await naming.apply(connection, account, names, execute=execute)
    for change in changes:
        data(f"{change.kind} {change.id}: {f'{change.before} -> ' if change.before else ''}{change.after}")
    _say_done(is_same=not changes, execute=execute)


def _role(person: Person) -> str:
    return "head of sales" if person.manager_id is None else f"manager {person.manager_id}"


def _as_object(person: Person) -> dict[str, str | None]:
    return {
        "account": person.account_id,
        "user": person.user_id,
        "role": person.role,
        "manager": person.manager_id,
    }


def _say_done(*, is_same: bool, execute: bool) -> None:
    if is_same:
        say("Nothing to change: it is as wanted.")
    else:
        say("Done." if execute else "Nothing was changed; add --execute to do it.")


@contextmanager
def reporting_faults() -> Iterator[None]:
    """Write the faults to stderr, one a line, and exit with 1."""
    try:
        yield
    except (NamesFileError, PersonRefusedError) as error:
        for fault in error.faults if isinstance(error, NamesFileError) else (error,):
            say(f"error: {fault}")
        say("Nothing was changed.")
        raise typer.Exit(Exit.FAILED) from None

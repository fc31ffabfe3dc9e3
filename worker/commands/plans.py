"""salesplan plans check, apply, list, pause, resume, archive."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from worker.commands import plans_shown as shown
from worker.commands.shell import Exit, asynchronous, data, database, say, who
from worker.plans import change as planchange
from worker.plans import file as planfile
from worker.plans import lookalikes
from worker.plans import store as planstore
from worker.plans.change import Change, PlanRefusedError, Stored
from worker.plans.file import PlanFile, PlanFileError
from worker.plans.warnings import IdKind, PlanWarning
from worker.settings import load_settings
from worker.words import english

app = typer.Typer(help="Check, apply, list and change sales plans.", no_args_is_help=True)

File = Annotated[typer.FileBinaryRead, typer.Argument(help="YAML; - is stdin.")]
Plan = Annotated[str, typer.Argument(help="Id of the plan.")]
Manager = Annotated[str, typer.Argument(help="Id of the manager.")]
Account = Annotated[str, typer.Option("--account", help="The account whose plan it is.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]
By = Annotated[str | None, typer.Option("--by", help="Who makes the change; default: the user of this system.")]


@app.command()
@asynchronous
async def check(file: File) -> None:
    """Name every fault of a plan file; with a database configured also what speaks against it there."""
    with faults_told():
        plans = planfile.parse(file.read())
        settings = load_settings()
        if not settings.names_database:
            _warn(_warnings(plans, planchange.apply_file(plans, {}), {}))
            say("The file is in order by itself. No database is configured (DATABASE_URL or PGHOST): not compared.")
            return
        async with database(settings) as connection:
            stored = {plan.spec.id: plan for plan in await planstore.read(connection, plans.account)}
        changes = planchange.apply_file(plans, stored)
    _show(changes)
    _warn(_warnings(plans, changes, stored))
    say("The file is in order.")


@app.command()
@asynchronous
async def apply(file: File, *, execute: Execute = False, by: By = None) -> None:
    """Make the plans of a file as it says, all or none; plans that it does not name stay as they are."""
    with faults_told():
        plans = planfile.parse(file.read())
        await _change(plans, execute=execute, by=by)


async def _change(plans: PlanFile, *, execute: bool, by: str | None) -> None:
    async with database(load_settings()) as connection:
        changes = await planstore.apply(connection, plans, changed_by=who(by), execute=execute)
        stored = {plan.spec.id: plan for plan in await planstore.read(connection, plans.account)}
    _show(changes)
    _warn(_warnings(plans, changes, stored))
    _say_done(changes, execute=execute)


@app.command("list")
@asynchronous
async def list_plans(
    *,
    account: Annotated[str | None, typer.Option("--account", help="Only this account's plans.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON array, with everything.")] = False,
) -> None:
    """List the plans, archived ones included."""
    async with database(load_settings()) as connection:
        plans = await planstore.read(connection, account)
    if as_json:
        data(json.dumps([shown.as_object(plan) for plan in plans], ensure_ascii=False))
    elif plans:
        shown.print_table(plans)
    else:
        say("There are no plans. Write some in a file, and: salesplan plans apply FILE --execute")


@app.command()
@asynchronous
async def pause(plan: Plan, manager: Manager, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Let a manager have no new leads of a plan; he keeps those he has."""
    await _set_paused(account, plan, manager, paused=True, execute=execute, by=by)


@app.command()
@asynchronous
async def resume(plan: Plan, manager: Manager, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Let a paused manager have leads of a plan again."""
    await _set_paused(account, plan, manager, paused=False, execute=execute, by=by)


@app.command()
@asynchronous
async def archive(plan: Plan, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Take a plan out of use for ever: no new leads, its LGTs are free; its history stays."""
    with faults_told():
        async with database(load_settings()) as connection:
            change = await planstore.archive(connection, account, plan, changed_by=who(by), execute=execute)
    _tell(change, execute=execute)


async def _set_paused(account: str, plan: str, manager: str, *, paused: bool, execute: bool, by: str | None) -> None:
    with faults_told():
        async with database(load_settings()) as connection:
            change = await planstore.set_paused(
                connection, account, plan, manager, paused=paused, changed_by=who(by), execute=execute
            )
    _tell(change, execute=execute)


def _tell(change: Change, *, execute: bool) -> None:
    _show([change])
    _warn(planchange.warnings([change], {}))
    _say_done([change], execute=execute)


def _show(changes: Sequence[Change]) -> None:
    for change in changes:
        shown.print_change(change)


def _warnings(plans: PlanFile, changes: Sequence[Change], stored: Mapping[str, Stored]) -> list[PlanWarning]:
    """About a file: its account too, whose id every event has to carry to the letter."""
    return [*lookalikes.of_one(IdKind.ACCOUNT, plans.account), *planchange.warnings(changes, stored)]


def _warn(warnings: Sequence[PlanWarning]) -> None:
    for warning in warnings:
        say(f"warning: {english.warning(warning)}")


def _say_done(changes: Sequence[Change], *, execute: bool) -> None:
    changed = sum(change.kind != "unchanged" for change in changes)
    if not changed:
        say("Nothing to change: the plans are as wanted.")
    elif execute:
        say(f"Done: {changed} of {len(changes)} plans changed.")
    else:
        say("Nothing was changed; add --execute to do it.")


@contextmanager
def faults_told() -> Iterator[None]:
    """Faults go to stderr, one a line, and the command ends with 1."""
    try:
        yield
    except PlanFileError as error:
        _refuse(map(english.fault, error.faults))
    except PlanRefusedError as error:
        _refuse(map(english.refusal, error.faults))


def _refuse(faults: Iterable[str]) -> NoReturn:
    for fault in faults:
        say(f"error: {fault}")
    say("Nothing was changed.")
    raise typer.Exit(Exit.FAILED) from None

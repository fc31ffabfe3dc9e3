"""salesplan plans check, apply, list, pause, resume, archive."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from worker.commands import plans_output as output
from worker.commands.shell import Exit, asynchronous, author, data, database, say
from worker.plans import change as planchange
from worker.plans import file as planfile
from worker.plans import lookalikes
from worker.plans import store as planstore
from worker.plans.change import Change, PlanRefusedError, StoredPlan
from worker.plans.file import PlanFile, PlanFileError
from worker.plans.forecast import Forecast
from worker.plans.preview import preview
from worker.plans.warnings import IdKind, PlanWarning
from worker.postgres import Connection
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
    """Name every fault of a plan file. If a database is configured, also check the file against its plans."""
    with reporting_faults():
        plans = planfile.parse(file.read())
        settings = load_settings()
        if not settings.names_database:
            _warn(_warnings(plans, planchange.apply_file(plans, {}), {}))
            say("The file is in order by itself. No database is configured (DATABASE_URL or PGHOST): not compared.")
            return
        async with database(settings) as connection:
            stored = {plan.spec.id: plan for plan in await planstore.read(connection, plans.account)}
            changes = planchange.apply_file(plans, stored)
            forecasts = await _forecasts(connection, changes, execute=False)
    _show(changes)
    _warn(_warnings(plans, changes, stored))
    _foretell(forecasts)
    say("The file is in order.")


@app.command()
@asynchronous
async def apply(file: File, *, execute: Execute = False, by: By = None) -> None:
    """Create or change the plans in a file, all or none; plans that are not in the file stay as they are."""
    with reporting_faults():
        plans = planfile.parse(file.read())
        await _change(plans, execute=execute, by=by)


async def _change(plans: PlanFile, *, execute: bool, by: str | None) -> None:
    async with database(load_settings()) as connection:
        changes = await planstore.apply(connection, plans, changed_by=author(by), execute=execute)
        stored = {plan.spec.id: plan for plan in await planstore.read(connection, plans.account)}
        forecasts = await _forecasts(connection, changes, execute=execute)
    _show(changes)
    _warn(_warnings(plans, changes, stored))
    _foretell(forecasts)
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
        data(json.dumps([output.as_object(plan) for plan in plans], ensure_ascii=False))
    elif plans:
        output.print_table(plans)
    else:
        say("There are no plans. Write some in a file, and: salesplan plans apply FILE --execute")


@app.command()
@asynchronous
async def pause(plan: Plan, manager: Manager, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Stop giving new leads of a plan to a manager. The manager keeps the leads of before."""
    await _set_paused(account, plan, manager, paused=True, execute=execute, by=by)


@app.command()
@asynchronous
async def resume(plan: Plan, manager: Manager, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Give new leads of a plan to a paused manager again."""
    await _set_paused(account, plan, manager, paused=False, execute=execute, by=by)


@app.command()
@asynchronous
async def archive(plan: Plan, *, account: Account, execute: Execute = False, by: By = None) -> None:
    """Take a plan out of use for ever: it gets no new leads, its LGTs become free, and its history stays."""
    with reporting_faults():
        async with database(load_settings()) as connection:
            change = await planstore.archive(connection, account, plan, changed_by=author(by), execute=execute)
            forecasts = await _forecasts(connection, [change], execute=execute)
    _tell(change, forecasts, execute=execute)


async def _set_paused(account: str, plan: str, manager: str, *, paused: bool, execute: bool, by: str | None) -> None:
    with reporting_faults():
        async with database(load_settings()) as connection:
            change = await planstore.set_paused(
                connection, account, plan, manager, paused=paused, changed_by=author(by), execute=execute
            )
            forecasts = await _forecasts(connection, [change], execute=execute)
    _tell(change, forecasts, execute=execute)


async def _forecasts(connection: Connection, changes: Sequence[Change], *, execute: bool) -> list[Forecast]:
    """The forecasts that a dry run shows: for the plans in which the change makes somebody active or stops somebody."""
    return [] if execute else await preview(connection, [each for each in changes if each.changes_who_is_active])


def _foretell(forecasts: Sequence[Forecast]) -> None:
    for found in forecasts:
        say(f"forecast: {output.forecast_text(found)}")


def _tell(change: Change, forecasts: Sequence[Forecast], *, execute: bool) -> None:
    _show([change])
    _warn(planchange.warnings([change], {}))
    _foretell(forecasts)
    _say_done([change], execute=execute)


def _show(changes: Sequence[Change]) -> None:
    for change in changes:
        output.print_change(change)


def _warnings(plans: PlanFile, changes: Sequence[Change], stored: Mapping[str, StoredPlan]) -> list[PlanWarning]:
    """The warnings about a file. They include its account's id, which events must have in exactly this spelling."""
    return [*lookalikes.id_warnings(IdKind.ACCOUNT, plans.account), *planchange.warnings(changes, stored)]


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
def reporting_faults() -> Iterator[None]:
    """Write the faults to stderr, one a line, and exit with 1."""
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

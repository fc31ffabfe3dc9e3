"""salesplan plans forecast."""

import json
from typing import Annotated, Any

import typer

from contracts.types import ID_RULE
from worker.commands.plans import Account, Plan, reporting_faults
from worker.commands.plans_output import forecast_text
from worker.commands.shell import asynchronous, data, database
from worker.plans import change as planchange
from worker.plans import store as planstore
from worker.plans.file import Manager
from worker.plans.forecast import CatchesUp, Forecast
from worker.plans.preview import preview
from worker.settings import load_settings

Add = Annotated[list[str] | None, typer.Option("--add", help="As if this manager joined; may be repeated.")]
Pause = Annotated[list[str] | None, typer.Option("--pause", help="As if this manager were paused; may be repeated.")]
Resume = Annotated[list[str] | None, typer.Option("--resume", help="As if this manager came back; may be repeated.")]


@asynchronous
async def forecast(
    plan: Plan,
    *,
    account: Account,
    add: Add = None,
    pause: Pause = None,
    resume: Resume = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Say who gets the next leads of a plan, as it is or after a change. Nothing is changed."""
    joining, pausing, resuming = add or [], pause or [], resume or []
    _check_usage(joining, [*joining, *pausing, *resuming])
    with reporting_faults():
        async with database(load_settings()) as connection:
            stored = {each.spec.id: each for each in await planstore.read(connection, account)}
            change = planchange.with_managers(plan, stored, add=joining, pause=pausing, resume=resuming)
            (found,) = await preview(connection, [change])
    if as_json:
        data(json.dumps(as_object(found), ensure_ascii=False))
    else:
        data(forecast_text(found))


def as_object(found: Forecast) -> dict[str, Any]:
    """The forecast as an object for JSON. ``linked`` and ``exact`` stand there only for forecasts with limits."""
    full: dict[str, Any] = {"run": found.run}
    if isinstance(found.prospect, CatchesUp) and not found.prospect.is_exact:
        full["exact"] = False
    shape = {
        "plan": found.plan_id,
        "next": list(found.next_managers),
        "pace_per_day": round(found.pace.per_day, 1),
        "policies": {"full": full},
    }
    return shape | {"linked": True} if found.is_linked else shape


def _check_usage(joining: list[str], everybody: list[str]) -> None:
    if repeated := sorted({manager for manager in everybody if everybody.count(manager) > 1}):
        raise typer.BadParameter(f"--add, --pause and --resume name {', '.join(map(repr, repeated))} more than once")
    for manager in joining:
        try:
            Manager(id=manager)
        except ValueError:
            raise typer.BadParameter(f"--add {manager!a}: the id of a manager is {ID_RULE}") from None

"""salesplan explain."""

from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker import postgres
from worker.commands.shell import Exit, asynchronous, data, postgres_trouble, say
from worker.explain.explanation import Decision, Explanation, Trigger, Waiting
from worker.explain.explanation import explain as explained
from worker.explain.reasons import Recomputation
from worker.outbox.announcements import format_time
from worker.settings import load_settings
from worker.words import english

WIDTH = 10_000  # characters; so wide that lines outside a terminal are never folded


@asynchronous
async def explain(
    lead: Annotated[str, typer.Argument(help="Id of the lead.")],
    *,
    account: Annotated[str, typer.Option("--account", help="The account whose lead it is.")],
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Tell which plans have a lead, which manager has it in each plan, and why this one and not another.

    Exits with 1 if no plan has the lead, or if deciding again gives another manager than the ledger has.
    """
    with postgres_trouble():
        async with postgres.connected(load_settings().dsn, application_name="salesplan-explain") as connection:
            found = await explained(connection, account, lead)
    if as_json:
        data(orjson.dumps(_as_object(found)).decode())
    else:
        _show(found)
    if not (found.found and found.agrees):
        raise typer.Exit(Exit.FAILED)


def _as_object(found: Explanation) -> dict[str, Any]:
    def trigger(of: Trigger) -> dict[str, Any]:
        return of._asdict()

    return {
        "account_id": found.account_id,
        "lead_id": found.lead_id,
        "found": found.found,
        "agrees": found.agrees,
        "plans": [
            {
                "plan_id": made.plan_id,
                "plan_version": made.plan_version,
                "plan_seq": made.plan_seq,
                "manager_id": made.manager_id,
                "reason": made.reason,
                "revision": made.revision,
                "assigned_at": format_time(made.assigned_at),
                "event_id": made.event_id,
                "trigger": trigger(made.trigger),
                "links": made.links._asdict() if made.links else None,
                "recomputed": _recomputed_as_object(made.recomputation) if made.recomputation else None,
                "fault": english.disagreement(made.fault) if made.fault else None,
            }
            for made in found.decisions
        ],
        "waiting": [
            {
                "plan_id": waits.plan_id,
                "since": format_time(waits.since),
                "place": waits.queue_position,
                "why": english.waits_for(waits.why),
                "trigger": trigger(waits.trigger),
            }
            for waits in found.waiting
        ],
        "contacts": [{"manager_id": manager, "occurred_at": format_time(when)} for manager, when in found.contacts],
    }


def _recomputed_as_object(made: Recomputation) -> dict[str, Any]:
    return {
        "manager_id": made.manager_id,
        "reason": made.reason,
        "candidates": [
            {
                "manager_id": candidate.manager_id,
                "leads": candidate.leads,
                "last_seq": candidate.last_seq,
                "active": candidate.active,
                "chosen": candidate.chosen,
                "why": english.verdict(candidate.why),
            }
            for candidate in made.candidates
        ],
    }


def _show(found: Explanation) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    for decision in found.decisions:
        _show_decision(console, decision)
    for waiting in found.waiting:
        _show_waiting(waiting)
    for manager, when in found.contacts:
        data(english.contact(manager, format_time(when)))
    if not found.found:
        say(f"No plan of account {found.account_id} has lead {found.lead_id}.")


def _show_decision(console: Console, made: Decision) -> None:
    data(f"plan {made.plan_id}: {made.manager_id}, number {made.plan_seq}, at {format_time(made.assigned_at)}")
    data(f"  by version {made.plan_version}, because of {_trigger_text(made.trigger)}")
    data(f"  reason {made.reason}, event {made.event_id}")
    if made.links:
        data(f"  seen then: {english.links(made.links)}")
    if made.recomputation:
        table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
        for candidate in made.recomputation.candidates:
            mark = "->" if candidate.chosen else ""
            count = str(candidate.leads)
            table.add_row(*(Text(cell) for cell in (mark, candidate.manager_id, count, english.verdict(candidate.why))))
        console.print(table)
    if made.fault:
        data(f"  DISAGREES: {english.disagreement(made.fault)}")


def _show_waiting(waits: Waiting) -> None:
    why = english.waits_for(waits.why)
    data(f"plan {waits.plan_id}: waits since {format_time(waits.since)}, place {waits.queue_position}: {why}")
    data(f"  because of {_trigger_text(waits.trigger)}")


def _trigger_text(trigger: Trigger) -> str:
    return (
        f"{trigger.kind} of {trigger.ref}, event {trigger.event_id} "
        f"({trigger.topic}[{trigger.partition}]@{trigger.offset})"
    )

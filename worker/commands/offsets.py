"""salesplan offsets show, reset."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import orjson
import typer

from worker import offsets, postgres
from worker.commands.cluster import servers_trouble
from worker.commands.shell import Exit, asynchronous, data, line, moment, say, who
from worker.commands.table import print_table
from worker.offsets import End, Move, ResetRefusedError, Seen, State, Target, View
from worker.settings import Settings, load_settings

app = typer.Typer(help="How far the inputs are read, and setting it elsewhere.", no_args_is_help=True)


def target(text: str) -> Target:
    """What ``--to`` says. Raises typer.BadParameter."""
    if text in set(End):
        return End(text)
    return moment(text, "earliest, latest or ")


To = Annotated[Any, typer.Option("--to", parser=target, metavar="earliest|latest|TIME", help="Where to read on.")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; may be repeated.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]
By = Annotated[str | None, typer.Option("--by", help="Who makes the change; default: the user of this system.")]


@app.command()
@asynchronous
async def show(*, as_json: Annotated[bool, typer.Option("--json", help="As one JSON array.")] = False) -> None:
    """Show how far each partition is read, what its log holds, who has it to read, and whether a worker can read on."""
    settings = load_settings()
    async with _connected(settings) as connection:
        view = await offsets.look(settings, connection)
    if as_json:
        data(orjson.dumps([_as_object(seen, view) for seen in view.partitions]).decode())
        return
    print_table(
        ("TOPIC", "PARTITION", "POSITION", "START", "END", "LAG", "HOLDER", "STATE"),
        [(*seen.partition, *_numbers(seen), _holder(seen), seen.words) for seen in view.partitions],
    )
    for name, partitions in view.held_by_strangers().items():
        words = ", ".join(f"{topic}[{number}]" for topic, number in partitions)
        say(f"{words}: held by {name}, which is no worker, so nobody assigns; give it a group id of its own")
    if any(seen.state not in {State.OK, State.UNREAD} for seen in view.partitions):
        say("Workers refuse to read on from some of these: salesplan offsets reset --to earliest|latest|TIME")


@app.command()
@asynchronous
async def reset(*, to: To, topic: Topics = None, execute: Execute = False, by: By = None) -> None:
    """Set the positions: to the earliest record there is, behind the latest, or to the first one of a time.

    A record that is read again does no harm: a lead that has its manager stays with him.
    """
    settings = load_settings()
    inputs = settings.topics.inputs
    if unknown := sorted(set(topic or ()) - inputs.keys()):
        raise typer.BadParameter(f"{', '.join(unknown)}: no input; those are {', '.join(inputs)}", param_hint="--topic")
    async with _connected(settings) as connection:
        try:
            view = await offsets.look(settings, connection)
            moves = await offsets.plan_reset(settings, view, to, topic or list(inputs))
            _show(moves)
            if execute and moves:
                await offsets.reset(settings, connection, view, moves, to=to, by=who(by))
        except ResetRefusedError as error:
            say(f"error: {line(error)}")
            say("Nothing was changed.")
            raise typer.Exit(Exit.FAILED) from None
    _say_done(moves, execute=execute)


def _show(moves: Sequence[Move]) -> None:
    print_table(
        ("TOPIC", "PARTITION", "FROM", "TO", "EFFECT"),
        [
            (*move.seen.partition, _position(move.seen), "-" if move.to is None else move.to, _effect(move))
            for move in moves
        ],
    )


def _effect(move: Move) -> str:
    place = move.seen.place
    if move.to is None or place is None:
        return "ends: the partition is not in the cluster"
    words = [] if move.seen.same_log or move.seen.state is State.UNREAD else [str(move.seen.state)]
    if not move.seen.same_log:
        words.append(f"{place.end - move.to} to be read")
    words += [f"{move.again} read again"] * bool(move.again)
    words += [f"{move.unread} never read"] * bool(move.unread)
    return ", ".join(words) or "nothing is read again or missed"


def _say_done(moves: Sequence[Move], *, execute: bool) -> None:
    if not moves:
        say("Nothing to change: the positions are as wanted.")
        return
    again, unread = sum(move.again for move in moves), sum(move.unread for move in moves)
    say(f"{again} offsets are read again, {unread} are never read.")
    if again:
        say("A lead that has its manager stays with him; what was a dead letter becomes one again.")
    if execute:
        say(f"Done: {len(moves)} positions set.")
    else:
        say("Nothing was changed; add --execute to do it. All workers must have been stopped by then.")


def _holder(seen: Seen) -> str:
    return "".join(f"{seen.holder.client_id}@{seen.holder.host}".split()) if seen.holder else "-"


def _as_object(seen: Seen, view: View) -> dict[str, Any]:
    (topic, partition), position, place, holder = seen.partition, seen.position, seen.place, seen.holder
    return {
        "topic": topic,
        "partition": partition,
        "position": position.next_offset if position else None,
        "log_start": place.start if place else None,
        "log_end": place.end if place else None,
        "lag": seen.lag,
        "open_since": place.stable if place else None,
        "state": seen.state,
        "holder": {
            "client_id": holder.client_id,
            "host": holder.host,
            "member_id": holder.id,
            "is_worker": not holder.is_stranger(view.inputs),
        }
        if holder
        else None,
        "cluster_id": position.cluster_id if position else None,
        "topic_id": str(position.topic_id) if position and position.topic_id else None,
    }


def _numbers(seen: Seen) -> tuple[object, ...]:
    place = (seen.place.start, seen.place.end) if seen.place else ("-", "-")
    return _position(seen), *place, "-" if seen.lag is None else seen.lag


def _position(seen: Seen) -> object:
    return seen.position.next_offset if seen.position else "-"


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[postgres.Connection]:
    """The database; what it or Kafka can't do now becomes UnavailableError."""
    async with (
        servers_trouble(settings),
        postgres.connected(
            settings.dsn, application_name="salesplan-offsets", settings=postgres.BATCH_SETTINGS
        ) as connection,
    ):
        yield connection

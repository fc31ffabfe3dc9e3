"""salesplan offsets show, reset."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import orjson
import typer

from worker import offsets, postgres
from worker.commands.cluster import servers_trouble
from worker.commands.shell import Exit, asynchronous, author, data, line, moment, say
from worker.commands.table import print_table
from worker.offsets import End, InputPartition, InputState, Move, PositionState, ResetRefusedError, Target
from worker.settings import Settings, load_settings

app = typer.Typer(help="Show how far the inputs are read, and set the positions.", no_args_is_help=True)


def target(text: str) -> Target:
    """The value of ``--to``. Raises typer.BadParameter."""
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
    """Show the position of each partition, the offsets of its log, its holder, and if a worker can read on."""
    settings = load_settings()
    async with _connected(settings) as connection:
        state = await offsets.read_state(settings, connection)
    if as_json:
        data(orjson.dumps([_as_object(row, state) for row in state.partitions]).decode())
        return
    print_table(
        ("TOPIC", "PARTITION", "POSITION", "START", "END", "LAG", "HOLDER", "STATE"),
        [(*row.partition, *_numbers(row), _holder(row), row.words) for row in state.partitions],
    )
    for name, partitions in state.held_by_strangers().items():
        words = ", ".join(f"{topic}[{number}]" for topic, number in partitions)
        say(f"{words}: held by {name}, which is no worker, so no worker reads them; give it a group id of its own")
    if any(row.state not in {PositionState.OK, PositionState.UNREAD} for row in state.partitions):
        say("Workers refuse to read on from some of these: salesplan offsets reset --to earliest|latest|TIME")


@app.command()
@asynchronous
async def reset(*, to: To, topic: Topics = None, execute: Execute = False, by: By = None) -> None:
    """Set the positions to the earliest record, behind the latest one, or to the first record since a time.

    A record that is read again does no harm: a lead that has its manager stays with him.
    """
    settings = load_settings()
    inputs = settings.topics.inputs
    if unknown := sorted(set(topic or ()) - inputs.keys()):
        raise typer.BadParameter(f"{', '.join(unknown)}: no input; those are {', '.join(inputs)}", param_hint="--topic")
    async with _connected(settings) as connection:
        try:
            state = await offsets.read_state(settings, connection)
            moves = await offsets.plan_reset(settings, state, to, topic or list(inputs))
            _show(moves)
            if execute and moves:
                await offsets.reset(settings, connection, state, moves, to=to, by=author(by))
        except ResetRefusedError as error:
            say(f"error: {line(error)}")
            say("Nothing was changed.")
            raise typer.Exit(Exit.FAILED) from None
    _say_done(moves, execute=execute)


def _show(moves: Sequence[Move]) -> None:
    print_table(
        ("TOPIC", "PARTITION", "FROM", "TO", "EFFECT"),
        [
            (*move.input.partition, _position(move.input), "-" if move.to is None else move.to, _effect(move))
            for move in moves
        ],
    )


def _effect(move: Move) -> str:
    log = move.input.log
    if move.to is None or log is None:
        return "ends: the partition is not in the cluster"
    words = [] if move.input.same_log or move.input.state is PositionState.UNREAD else [str(move.input.state)]
    if not move.input.same_log:
        words.append(f"{log.end - move.to} to be read")
    words += [f"{move.read_again} read again"] * bool(move.read_again)
    words += [f"{move.never_read} never read"] * bool(move.never_read)
    return ", ".join(words) or "nothing is read again or missed"


def _say_done(moves: Sequence[Move], *, execute: bool) -> None:
    if not moves:
        say("Nothing to change: the positions are as wanted.")
        return
    again, unread = sum(move.read_again for move in moves), sum(move.never_read for move in moves)
    say(f"{again} offsets are read again, {unread} are never read.")
    if again:
        say("A lead that has its manager stays with him; a record that became a dead letter becomes one again.")
    if execute:
        say(f"Done: {len(moves)} positions set.")
    else:
        say("Nothing was changed; add --execute to do it. First stop all workers.")


def _holder(row: InputPartition) -> str:
    return "".join(f"{row.holder.client_id}@{row.holder.host}".split()) if row.holder else "-"


def _as_object(row: InputPartition, state: InputState) -> dict[str, Any]:
    (topic, partition), position, log, holder = row.partition, row.position, row.log, row.holder
    return {
        "topic": topic,
        "partition": partition,
        "position": position.next_offset if position else None,
        "log_start": log.start if log else None,
        "log_end": log.end if log else None,
        "lag": row.lag,
        "open_since": log.open_since if log else None,
        "state": row.state,
        "holder": {
            "client_id": holder.client_id,
            "host": holder.host,
            "member_id": holder.id,
            "is_worker": not holder.is_stranger(state.inputs),
        }
        if holder
        else None,
        "cluster_id": position.cluster_id if position else None,
        "topic_id": str(position.topic_id) if position and position.topic_id else None,
    }


def _numbers(row: InputPartition) -> tuple[object, ...]:
    log = (row.log.start, row.log.end) if row.log else ("-", "-")
    return _position(row), *log, "-" if row.lag is None else row.lag


def _position(row: InputPartition) -> object:
    return row.position.next_offset if row.position else "-"


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[postgres.Connection]:
    """A connection to the database. Trouble with it or with Kafka becomes UnavailableError."""
    async with (
        servers_trouble(settings),
        postgres.connected(
            settings.dsn, application_name="salesplan-offsets", settings=postgres.BATCH_SETTINGS
        ) as connection,
    ):
        yield connection

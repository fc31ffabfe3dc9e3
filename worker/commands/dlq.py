"""salesplan dlq list, show, replay."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from worker import kafka
from worker.commands import dlq_output as output
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, UnavailableError, asynchronous, data, line, moment, say
from worker.commands.table import print_table
from worker.dlq import read, replay, send
from worker.dlq.letter import Coordinates
from worker.dlq.marks import ReplayRefusedError
from worker.dlq.read import LARGEST_OFFSET, LetterFilter
from worker.kafka.diagnosis import describe_error
from worker.kafka.unpacking import MOST_UNPACKED
from worker.records.record import Partition
from worker.settings import Settings, load_settings

app = typer.Typer(help="List dead letters, show one, and send them back.", no_args_is_help=True)

Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="Only letters of this input or dead-letter topic; may be repeated.")
]
Since = Annotated[
    Any, typer.Option("--since", parser=moment, metavar="TIME", help="Only letters that are not older than this.")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="Only letters with this text in the reason that `list` shows.")]
OfPartition = Annotated[int | None, typer.Option("--partition", min=0, help="Only letters of this partition.")]
FirstOffset = Annotated[int | None, typer.Option("--from", min=0, help="Only letters from this offset on.")]
LastOffset = Annotated[int | None, typer.Option("--to", min=0, help="Only letters up to this offset, inclusive.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Send at most so many letters, the oldest ones.")]
Rate = Annotated[int, typer.Option("--rate", min=1, help="Send at most so many letters a second.")]
WithRejected = Annotated[
    bool, typer.Option("--with-rejected", help="Also send letters that this release would reject again.")
]
WithSent = Annotated[bool, typer.Option("--with-sent", help="Also send letters that were sent back before.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")]


@app.command("list")
@asynchronous
async def list_letters(*, topic: Topics = None, since: Since = None, as_json: Json = False) -> None:
    """List the dead letters by topic and reason: their number, and the times of the oldest and the newest.

    Letters that Kafka Connect or Kafka Streams have written are recognized by their headers.
    """
    settings = load_settings()
    letter_filter = LetterFilter(_letter_topics(settings, topic), since)
    async with _reading(settings) as unreadable:
        groups = await read.group(read.read_letters(settings.kafka, letter_filter, unreadable))
    if as_json:
        data(orjson.dumps([output.group_as_object(group) for group in groups]).decode())
    else:
        print_table(output.GROUP_HEADINGS, [output.group_row(group, datetime.now(UTC)) for group in groups])
        if not groups:
            say("There are no such dead letters." if topic or since else "There are no dead letters.")


@app.command()
@asynchronous
async def show(
    topic: Annotated[
        str, typer.Argument(help="A dead-letter topic; or an input, to find the letter of a record of it.")
    ],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    *,
    value: Annotated[bool, typer.Option("--value", help="Show its value too, which is personal data.")] = False,
    as_json: Json = False,
) -> None:
    """Show one dead letter: its origin, the reason, its headers, and if this release would reject it again.

    If one record has several letters, this shows the newest. Exits with 1 if there is none.
    """
    settings = load_settings()
    (letter_topic,) = _letter_topics(settings, [topic])
    coordinates = Coordinates(topic, partition, offset)
    async with _reading(settings) as unreadable:
        found = await read.find(settings.kafka, letter_topic, coordinates, unreadable)
    if not found:
        say(f"There is no dead letter {'at' if topic == letter_topic else 'of'} {coordinates}, or no longer.")
        raise typer.Exit(Exit.FAILED)
    letter = max(found, key=lambda letter: (letter.record.timestamp, letter.coordinates))
    output.show_letter(letter, replay.decode_again(settings, letter), value=value, as_json=as_json)
    if others := sorted(str(other.coordinates) for other in found if other is not letter):
        say(f"Other letters of the same origin: {', '.join(others)}")


@app.command("replay")
@asynchronous
async def replay_letters(
    *,
    topic: Topics = None,
    since: Since = None,
    reason: Reason = "",
    partition: OfPartition = None,
    first: FirstOffset = None,
    last: LastOffset = None,
    limit: Limit = None,
    rate: Rate = 100,
    with_rejected: WithRejected = False,
    with_sent: WithSent = False,
    execute: Execute = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their inputs, with key, value and headers as they first came.

    The command first decodes each letter with this release. It skips a letter
    that would be rejected again. A letter goes to the end of its key's partition.

    Running it twice does not send twice: a sent record names its letter in the
    header salesplan.replay, and the command first looks for these headers in
    the inputs. After a replay that ended early, simply run it again. If a letter
    is sent twice all the same, no lead is assigned twice.

    The Kafka user needs READ on the dead-letter topics and the inputs, and WRITE
    on the inputs.
    """
    settings = load_settings()
    if (first, last) != (None, None) and (partition is None or len(topic or ()) != 1):
        raise typer.BadParameter("--from and --to need one --topic, and --partition", param_hint="--from/--to")
    offsets = (first or 0, LARGEST_OFFSET if last is None else last)
    letter_filter = LetterFilter(_letter_topics(settings, topic), since, reason, partition, *offsets)
    async with _reading(settings) as unreadable:
        with _refusals():
            plan = await replay.plan_replay(
                settings,
                letter_filter,
                unreadable,
                limit=limit or LARGEST_OFFSET,
                with_rejected=with_rejected,
                with_sent=with_sent,
            )
    if not as_json:
        output.show_replay_plan(plan)
    sent = await _send(settings, plan, rate) if execute and plan.letters else 0
    if as_json:
        data(orjson.dumps(output.replay_plan_as_object(plan, sent, executed=execute)).decode())
    _say_done(plan, sent, execute=execute)


async def _send(settings: Settings, plan: replay.ReplayPlan, rate: int) -> int:
    sent = 0
    try:
        async for more in send.send(settings.kafka, plan.letters, rate=rate):
            sent += more
    except kafka.TROUBLE as error:
        why = await describe_error(settings.kafka, error)
        raise UnavailableError(
            f"Kafka: {why}; {sent} of {len(plan.letters)} letters were sent, perhaps some more. "
            "Run it again: it skips the letters that the inputs hold"
        ) from error
    return sent


def _say_done(plan: replay.ReplayPlan, sent: int, *, execute: bool) -> None:
    if not plan.letters:
        say("Nothing to send: nothing was changed.")
    elif execute:
        say(f"Done: {sent} letters sent back.")
        if sent < len(plan.letters):
            say(f"{len(plan.letters) - sent} letters were meanwhile deleted from their topic.")
    else:
        say("Nothing was changed; add --execute to do it.")


def _letter_topics(settings: Settings, options: list[str] | None) -> list[str]:
    """The chosen dead-letter topics; all of them without options. An option may name the input instead.

    Raises typer.BadParameter.
    """
    by_name = {name: settings.topics.dead_letters(name) for name in settings.topics.inputs}
    names = {**by_name, **{letters: letters for letters in by_name.values()}}
    if unknown := sorted(set(options or ()) - names.keys()):
        raise typer.BadParameter(
            f"{', '.join(unknown)}: neither an input nor its dead letters; the inputs are {', '.join(by_name)}",
            param_hint="topic",
        )
    return sorted({names[name] for name in options or by_name})


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ReplayRefusedError as error:
        say(f"error: {line(error)}")
        say("Nothing was changed.")
        raise typer.Exit(Exit.FAILED) from None


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[dict[Partition, int]]:
    """Collects the partitions with a record that the client can't unpack, and notes each after the block.

    The command does not see the records behind such a record.
    """
    unreadable: dict[Partition, int] = {}
    async with kafka_trouble(settings):
        yield unreadable
    for (topic, partition), offset in sorted(unreadable.items()):
        coordinates, bound = Coordinates(topic, partition, offset), f"{MOST_UNPACKED >> 20} MiB"
        say(f"note: {coordinates} can't be unpacked, or unpacks to more than {bound}; no letter behind it was seen")

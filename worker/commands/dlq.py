"""salesplan dlq list, show, replay."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from worker import kafka
from worker.commands import dlq_shown as shown
from worker.commands.cluster import kafka_trouble
from worker.commands.shell import Exit, UnavailableError, asynchronous, data, line, moment, say
from worker.commands.table import print_table
from worker.dlq import read, replay, send
from worker.dlq.letter import Place
from worker.dlq.marks import ReplayRefusedError
from worker.dlq.read import LARGEST, Wanted
from worker.kafka.diagnosis import describe_error
from worker.kafka.unpacking import MOST_UNPACKED
from worker.records.record import Partition
from worker.settings import Settings, load_settings

app = typer.Typer(help="Dead letters: which there are, what they say, and sending them back.", no_args_is_help=True)

Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="Only of this input or dead-letter topic; may be repeated.")
]
Since = Annotated[
    Any, typer.Option("--since", parser=moment, metavar="TIME", help="Only letters that are not older than this.")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("list")
@asynchronous
async def list_letters(*, topic: Topics = None, since: Since = None, as_json: Json = False) -> None:
    """List the dead letters by topic and reason, with how many there are and when they came.

    Those that Kafka Connect or Kafka Streams have written are told by their own headers.
    """
    settings = load_settings()
    wanted = Wanted(_letter_topics(settings, topic), since)
    async with _reading(settings) as unreadable:
        groups = await read.group(read.read_letters(settings.kafka, wanted, unreadable))
    if as_json:
        data(orjson.dumps([shown.group_as_object(group) for group in groups]).decode())
    else:
        print_table(shown.GROUP_HEADINGS, [shown.group_row(group, datetime.now(UTC)) for group in groups])
        if not groups:
            say("There are no such dead letters." if topic or since else "There are no dead letters.")


@app.command()
@asynchronous
async def show(
    topic: Annotated[
        str, typer.Argument(help="A dead-letter topic; or an input, and it is the letter that came from.")
    ],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    *,
    value: Annotated[bool, typer.Option("--value", help="Its value too, which is personal data.")] = False,
    as_json: Json = False,
) -> None:
    """Show one dead letter: where it came from, why, its headers, and what today's code makes of it.

    The newest where there are several of one origin. Exit 1 where there is none.
    """
    settings = load_settings()
    (letter_topic,) = _letter_topics(settings, [topic])
    place = Place(topic, partition, offset)
    async with _reading(settings) as unreadable:
        found = await read.find(settings.kafka, letter_topic, place, unreadable)
    if not found:
        say(f"There is no dead letter {'at' if topic == letter_topic else 'of'} {place}, or no longer.")
        raise typer.Exit(Exit.FAILED)
    letter = max(found, key=lambda letter: (letter.record.timestamp, letter.place))
    shown.show_letter(letter, replay.judge(settings, letter), value=value, as_json=as_json)
    if others := sorted(str(other.place) for other in found if other is not letter):
        say(f"Of the same origin: {', '.join(others)}")


@app.command("replay")
@asynchronous
async def replay_letters(
    *,
    topic: Topics = None,
    since: Since = None,
    reason: Annotated[str, typer.Option("--reason", help="Only with this text in the reason that `list` shows.")] = "",
    partition: Annotated[int | None, typer.Option("--partition", min=0, help="Only of this partition.")] = None,
    first: Annotated[int | None, typer.Option("--from", min=0, help="Only from this offset of letters on.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=0, help="Only up to this offset, itself included.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Send at most so many, the oldest.")] = None,
    rate: Annotated[int, typer.Option("--rate", min=1, help="Send at most so many per second.")] = 100,
    with_rejected: Annotated[
        bool, typer.Option("--with-rejected", help="Also those that today's code would reject again.")
    ] = False,
    with_sent: Annotated[bool, typer.Option("--with-sent", help="Also those that were sent back before.")] = False,
    execute: Annotated[bool, typer.Option("--execute", help="Do it; without this nothing is written.")] = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their inputs, with key, value and headers as they first came.

    Each letter is first read with today's code; one that would be rejected again
    is skipped. A letter goes to the partition of its key, after what is there.

    Running it twice does not send twice. What is sent carries one header more,
    salesplan.replay, with the origin of the letter; the inputs are looked through
    for it first, and a letter whose origin is found there is skipped. A replay
    that was broken off is simply run again.

    A letter is sent twice only where an input has already deleted what was sent,
    or two replays run at once. Even that assigns nothing twice: a lead that has
    its manager is already_assigned.

    The Kafka user needs READ on the dead-letter topics and the inputs, and WRITE
    on the inputs.
    """
    settings = load_settings()
    if (first, last) != (None, None) and (partition is None or len(topic or ()) != 1):
        raise typer.BadParameter("--from and --to need one --topic, and --partition", param_hint="--from/--to")
    offsets = (first or 0, LARGEST if last is None else last)
    wanted = Wanted(_letter_topics(settings, topic), since, reason, partition, *offsets)
    async with _reading(settings) as unreadable:
        with _refusals():
            plan = await replay.plan(
                settings, wanted, unreadable, limit=limit or LARGEST, with_rejected=with_rejected, with_sent=with_sent
            )
    if not as_json:
        shown.show_plan(plan)
    sent = await _send(settings, plan, rate) if execute and plan.letters else 0
    if as_json:
        data(orjson.dumps(shown.plan_as_object(plan, sent, executed=execute)).decode())
    _say_done(plan, sent, execute=execute)


async def _send(settings: Settings, plan: replay.Plan, rate: int) -> int:
    sent = 0
    try:
        async for more in send.send(settings.kafka, plan.letters, rate=rate):
            sent += more
    except kafka.TROUBLE as error:
        why = await describe_error(settings.kafka, error)
        raise UnavailableError(
            f"Kafka: {why}; {sent} of {len(plan.letters)} letters were sent, perhaps some more. "
            "Run it again: what the inputs hold is not sent twice"
        ) from error
    return sent


def _say_done(plan: replay.Plan, sent: int, *, execute: bool) -> None:
    if not plan.letters:
        say("Nothing to send: nothing was changed.")
    elif execute:
        say(f"Done: {sent} letters sent back.")
        if sent < len(plan.letters):
            say(f"{len(plan.letters) - sent} have been deleted from their topic meanwhile.")
    else:
        say("Nothing was changed; add --execute to do it.")


def _letter_topics(settings: Settings, given: list[str] | None) -> list[str]:
    """The dead-letter topics that are meant, each named as it is or by its input. Raises typer.BadParameter."""
    by_name = {name: settings.topics.dead_letters(name) for name in settings.topics.inputs}
    known = {**by_name, **{letters: letters for letters in by_name.values()}}
    if unknown := sorted(set(given or ()) - known.keys()):
        raise typer.BadParameter(
            f"{', '.join(unknown)}: neither an input nor its dead letters; the inputs are {', '.join(by_name)}",
            param_hint="topic",
        )
    return sorted({known[name] for name in given or by_name})


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
    """Where the client can't unpack a record, what comes behind it is not seen: that is said."""
    unreadable: dict[Partition, int] = {}
    async with kafka_trouble(settings):
        yield unreadable
    for (topic, partition), offset in sorted(unreadable.items()):
        place, bound = Place(topic, partition, offset), f"{MOST_UNPACKED >> 20} MiB"
        say(f"note: {place} can't be unpacked, or unpacks to more than {bound}; nothing behind it was seen")

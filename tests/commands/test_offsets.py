"""`salesplan offsets` as people use it: exit codes, what it shows, what it writes, what it says."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import event
from tests.support.command import Result
from worker.intake import positions
from worker.kafka.admin import administration
from worker.kafka.client import client_options
from worker.kafka.reader import read_all
from worker.records.record import Partition

UNCHANGED = "Nothing was changed; add --execute to do it."


async def send(stage: Stage, counts: list[int]) -> None:
    """So many orders into each partition, one after the other, so that each has a time of its own."""
    random = dice(95)
    for partition, count in enumerate(counts):
        for number in range(count):
            order = event(random, "order", f"lead-{partition}-{number}")
            await stage.send([replace(order, partition=partition)])


async def put(stage: Stage, offsets: list[int], cluster_id: str | None = None) -> None:
    """Positions of orders, by partition, as a worker would have left them."""
    order = stage.topics["order"]
    async with administration(stage.settings.kafka) as admin:
        logs = await admin.logs([order])
    async with stage.database() as connection:
        await positions.start(connection, group(stage), {(order, at): offset for at, offset in enumerate(offsets)})
        await positions.name_logs(connection, group(stage), logs)
        if cluster_id:
            await connection.execute("update salesplan.position set cluster_id = $1", cluster_id)


async def kept(stage: Stage) -> dict[Partition, int]:
    async with stage.database() as connection:
        found = await positions.read(connection, group(stage))
    return {at: position.next_offset for at, position in found.items()}


def group(stage: Stage) -> str:
    return stage.settings.kafka.group_id


def table(result: Result) -> list[list[str]]:
    """The rows of a table, without its headings; words of the last column in one."""
    headings, *rows = result.out.splitlines()
    width = len(headings.split())
    return [row.split(maxsplit=width - 1) for row in (row.strip() for row in rows)]


async def reset(stage: Stage, *words: str) -> Result:
    return await stage.command("offsets", "reset", "--topic", stage.topics["order"], *words)


async def test_show_tells_how_far_each_partition_is_read(stage: Stage) -> None:
    """And whether a worker would read on from there."""
    order = stage.topics["order"]
    await send(stage, [3, 3, 0, 2])
    await put(stage, [1, 9, 0])
    shown = await stage.command("offsets", "show")
    assert shown.code == 0
    assert [row for row in table(shown) if row[0] == order] == [
        [order, "0", "1", "0", "3", "2", "-", "ok"],
        [order, "1", "9", "0", "3", "0", "-", "behind the log's end"],
        [order, "2", "0", "0", "0", "0", "-", "ok"],
        [order, "3", "-", "0", "2", "2", "-", "not read yet"],
    ]
    assert "salesplan offsets reset" in shown.err
    rows: list[dict[str, Any]] = json.loads((await stage.command("offsets", "show", "--json")).out)
    assert len(rows) == 20
    ids = {row["topic_id"] for row in rows if row["topic"] == order and row["partition"] < 3}
    assert len(ids) == 1
    assert None not in ids
    first = next(row for row in rows if (row["topic"], row["partition"]) == (order, 0))
    assert {name: first[name] for name in ("position", "log_start", "log_end", "lag", "state")} == {
        "position": 1,
        "log_start": 0,
        "log_end": 3,
        "lag": 2,
        "state": "ok",
    }


async def test_reset_shows_what_it_would_do_and_does_it_when_told(stage: Stage) -> None:
    """A position that is already there is left alone; what is counted is each partition's own."""
    order = stage.topics["order"]
    await send(stage, [3, 3, 0, 2])
    await put(stage, [1, 9, 0, 2])
    dry = await reset(stage, "--to", "latest")
    assert dry.code == 0
    assert table(dry) == [
        [order, "0", "1", "3", "2 never read"],
        [order, "1", "9", "3", "nothing is read again or missed"],
    ]
    assert "0 offsets are read again, 2 are never read." in dry.err
    assert UNCHANGED in dry.err
    again = await reset(stage, "--to", "earliest")
    assert table(again) == [
        [order, "0", "1", "0", "1 read again"],
        [order, "1", "9", "0", "3 read again"],
        [order, "3", "2", "0", "2 read again"],
    ]
    assert "A lead that has its manager stays with him" in again.err
    assert list((await kept(stage)).values()) == [1, 9, 0, 2]
    done = await reset(stage, "--to", "earliest", "--execute", "--by", "olga")
    assert (done.code, done.err.splitlines()[-1]) == (0, "Done: 3 positions set.")
    assert set((await kept(stage)).values()) == {0}
    past = await stage.ask(
        "select partition, next_offset, ended_by, reset_to from salesplan.position_past order by partition"
    )
    assert [tuple(row) for row in past] == [
        (0, 1, "olga", "earliest"),
        (1, 9, "olga", "earliest"),
        (3, 2, "olga", "earliest"),
    ]
    nothing = await reset(stage, "--to", "earliest", "--execute")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "Nothing to change: the positions are as wanted.\n")


async def test_reset_to_a_time_finds_the_first_record_that_is_not_older(stage: Stage) -> None:
    """Where none is that late it is the end; a zone is anybody's own."""
    await send(stage, [2])
    await put(stage, [0, 0])
    (records,) = [some async for some in read_all(stage.settings.kafka, [stage.topics["order"]])]
    second = datetime.fromtimestamp(records[1].timestamp / 1000, timezone(timedelta(hours=3)))
    moved = await reset(stage, "--to", second.isoformat(), "--execute")
    assert moved.code == 0, moved
    assert await kept(stage) == {(stage.topics["order"], 0): 1, (stage.topics["order"], 1): 0}
    late = await reset(stage, "--to", "2999-01-01T00:00:00Z")
    assert [row[2:4] for row in table(late)] == [["1", "2"]]
    early = await reset(stage, "--to", "1900-01-01T00:00:00Z")
    assert [row[2:4] for row in table(early)] == [["1", "0"]]


async def test_reset_after_the_cluster_was_changed(stage: Stage) -> None:
    """Offsets of the other cluster are compared with nothing here."""
    order = stage.topics["order"]
    await send(stage, [3, 0, 0, 0])
    await put(stage, [2, 0], cluster_id="another")
    shown = await stage.command("offsets", "show")
    assert [row[2:] for row in table(shown) if row[:2] == [order, "0"]] == [
        ["2", "0", "3", "-", "-", "of another cluster"],
    ]
    done = await reset(stage, "--to", "earliest", "--execute")
    assert [row[2:] for row in table(done)] == [
        ["2", "0", "of another cluster, 3 to be read"],
        ["0", "0", "of another cluster, 0 to be read"],
    ]
    again = await stage.command("offsets", "show")
    assert [row[2:] for row in table(again) if row[:2] == [order, "0"]] == [["0", "0", "3", "3", "-", "ok"]]


async def test_a_partition_that_is_no_longer_there_only_ends(stage: Stage) -> None:
    """The topic was made anew with fewer of them; should it grow again, it is read from its start."""
    order = stage.topics["order"]
    await put(stage, [0, 0, 0, 0, 7])
    shown = await stage.command("offsets", "show")
    assert [row[1:] for row in table(shown) if row[:2] == [order, "4"]] == [
        ["4", "7", "-", "-", "-", "-", "not in the cluster"],
    ]
    done = await reset(stage, "--to", "latest", "--execute")
    assert table(done) == [[order, "4", "7", "-", "ends: the partition is not in the cluster"]]
    assert (order, 4) not in await kept(stage)
    client = AIOKafkaAdminClient(**client_options(stage.settings.kafka))
    await client.start()
    await client.create_partitions({order: NewPartitions(5)})
    await client.close()
    await put(stage, [0, 0, 0, 0, 0])
    assert await stage.number("select reading from salesplan.position where partition = 4") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "2026-11-23T10:00:00"], "a time needs its zone: 2026-11-23T10:00:00Z in UTC"),
        (["--to", "yesterday"], "is earliest, latest or a time like 2026-11-23T10:00:00Z"),
        (["--to", "earliest", "--topic", "lead-assigned"], "lead-assigned: no input"),
        ([], "Missing option '--to'"),
    ],
)
async def test_what_is_not_understood_is_named(stage: Stage, words: list[str], said: str) -> None:
    """Usage errors end with 2, before any server is asked."""
    result = await stage.command("offsets", "reset", *words, DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert result.code == 2
    assert said in " ".join(result.err.replace("│", " ").split())


async def test_a_topic_that_is_missing_and_servers_that_are_away(stage: Stage) -> None:
    """Said in a line, with what to do."""
    renamed = await stage.command("offsets", "reset", "--to", "latest", SALESPLAN_TOPICS__ORDER="no-such-orders")
    assert renamed.code == 1
    assert renamed.err.splitlines() == [
        "error: no-such-orders: not in the cluster; run `salesplan topics create`",
        "Nothing was changed.",
    ]
    for name, address, begins in (
        ("DATABASE_URL", "postgresql://user:hunter2@127.0.0.1:1/none", "Postgres: "),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "Kafka: "),
    ):
        away = await stage.command("offsets", "show", **{name: address})
        assert (away.code, away.out, "Traceback" in away.err, "hunter2" in away.err) == (75, "", False, False), away
        assert away.err.startswith(begins)

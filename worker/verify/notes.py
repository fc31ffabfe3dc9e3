"""Notes in words about the records that the checker could not check."""

from __future__ import annotations

from collections.abc import Mapping

from db import query
from worker import postgres
from worker.kafka.unpacking import MOST_UNPACKED
from worker.records.record import Partition

SHOWN = 5

# Each statement returns some partitions, tables or accounts, and the number of all of them.
UNSEEN = query("verify/unseen")
READ_AGAIN = query("verify/read_again")
TRUNCATED = query("verify/truncated")
PRUNED = query("verify/pruned")
ERASED = query("verify/erased")


async def notes(connection: postgres.Connection, output: str, unreadable: Mapping[Partition, int]) -> tuple[str, ...]:
    """Notes on records that are deleted, unreadable, read more than once, pruned or erased."""
    found = [
        _note(
            await connection.fetch(TRUNCATED, output),
            "partitions no longer begin at their first record, and what was older is not missed",
        ),
        _note(
            await connection.fetch(UNSEEN),
            "partitions that were read are compacted, empty, gone or no input by the settings, and were not read again",
        ),
        _note(
            await connection.fetch(READ_AGAIN),
            "partitions were read more than once or in another log (a reset), and a record may have several outcomes",
        ),
        _note(await connection.fetch(PRUNED), "tables were pruned, and what was older is not missed"),
        _note(
            await connection.fetch(ERASED),
            "accounts have leads that were erased; as many are not missed while the inputs hold what was before",
        ),
    ]
    if unreadable:
        examples = [f"{topic}[{partition}] from offset {offset}" for (topic, partition), offset in unreadable.items()]
        rows = [(example, len(examples)) for example in examples[:SHOWN]]
        what = f"what the client can't unpack, or what unpacks to more than {MOST_UNPACKED >> 20} MiB"
        found.append(_note(rows, f"partitions hold {what}, and were not read on from it"))
    return tuple(note for note in found if note)


def _note(rows: list[postgres.Row] | list[tuple[str, int]], words: str) -> str | None:
    if not rows:
        return None
    count = rows[0][1]
    return f"{count} {words}: " + ", ".join(example for example, _ in rows) + (" ..." if count > len(rows) else "")

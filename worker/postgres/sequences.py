"""Checks the sequences that number plans and arrivals, and corrects those that are behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db import query
from worker import postgres

BEHIND = query("sessions/sequences_behind")

# The statement that corrects each sequence. It is needed only if the sequence is behind.
REMEDIES: Mapping[str, str] = {
    "salesplan.plan_plan_no_seq": (
        "select setval('salesplan.plan_plan_no_seq', (select max(plan_no) from salesplan.plan))"
    ),
    "salesplan.arrival": (
        "select setval('salesplan.arrival', greatest((select max(arrival) from salesplan.waiting_lead), "
        "(select max(arrival) from salesplan.contact), (select 65536 * sum(sequence) from salesplan.slot)::bigint))"
    ),
}
LONGEST = 3600.0  # seconds; the statement reads all contacts to find the largest arrival


class SequencesBehindError(Exception):
    """Sequences would give numbers a second time; the text says how to mend it."""

    def __init__(self, names: Sequence[str]) -> None:
        statements = "; ".join(REMEDIES[name] for name in names)
        super().__init__(
            f"{' and '.join(names)} would give numbers a second time, as after a cut-over by logical "
            f"replication: run `salesplan migrate`, or as the owner: {statements}"
        )


async def refuse_behind(connection: postgres.Connection) -> None:
    """Raise SequencesBehindError if a sequence is behind the numbers that are in use."""
    if names := await _behind(connection):
        raise SequencesBehindError(names)


async def mend(connection: postgres.Connection) -> list[str]:
    """Correct sequences that are behind, as their owner; returns their names. No sequence ever goes back.

    Raises one of ``postgres.RETRY`` if batches draw numbers all the time.
    """
    if not await _behind(connection):
        return []
    async with postgres.transaction(connection):
        await connection.execute(f"set local lock_timeout = '{postgres.BATCH_SETTINGS['lock_timeout']}'")
        for name in REMEDIES:
            await connection.execute(f"alter sequence {name} no cycle")  # nobody draws from it until the commit
        names = await _behind(connection)
        for name in names:
            await connection.execute(REMEDIES[name], timeout=LONGEST)
    return names


async def _behind(connection: postgres.Connection) -> list[str]:
    return [str(row["name"]) for row in await connection.fetch(BEHIND)]

"""The invariants. The statement of each one returns some of the records that break it, and their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from db import query
from worker import postgres
from worker.verify.report import Violation

EXAMPLES = 10
STATEMENT_TIMEOUT = 1800.0  # seconds; a ledger of many millions takes minutes


class Check(NamedTuple):
    """An invariant. ``parameters`` names the statement's parameters after the first one, the number of examples."""

    invariant: str
    query: str
    message: str
    parameters: tuple[str, ...] = ()


# These run in the snapshot that began before the topics were read.
OF_SNAPSHOT = (
    Check("I1", "verify/outcomes", "outcomes and skipped offsets do not add up to the records"),
    Check("I1", "verify/sources", "the records that leads came from are not those that were counted"),
    Check("I1", "verify/dead_letters", "dead letters are not as many as the records dead-lettered"),
    Check("I1", "verify/two_fates", "a record is a dead letter and brought a lead in as well", ("group",)),
    Check("I1", "verify/records", "a partition's records are not as many as its outcomes"),
    Check("I1", "verify/input_outcomes", "outcomes are not those of the records"),
    Check("I1", "verify/unmatched", "what falls through is counted in two ways that differ"),
    Check("I1", "verify/letter_missing", "a poison record has no dead letter"),
    Check("I1", "verify/letter_origins", "a dead letter is not of a poison record, as it came"),
    Check("I1", "verify/lead_missing", "a record's lead is not in the plan that it entered"),
    Check("I1", "verify/lead_sources", "a lead came from a record that does not say so"),
    Check("I1", "verify/contacts", "the latest contact of a manager with a lead is not the one kept"),
    Check("I1", "verify/lead_twice", "a lead is in a plan more than once"),
    Check("I2", "verify/counters", "a manager's counter differs from the ledger"),
    Check("I2", "verify/rosters", "a plan's roster, counters and kept versions do not fit together"),
    Check("I2", "verify/waiting", "a plan's count of waiting leads is wrong"),
    Check("I3", "verify/unreadable", "a message is not as the contract says"),
    Check("I3", "verify/unpublished", "an assignment is neither published nor pending", ("output",)),
    Check("I3", "verify/repeated", "an assignment is published more than once"),
    Check("I3", "verify/letter_repeated", "a dead letter is published more than once"),
    Check("I3", "verify/copies", "copies of one message differ"),
    Check("I3", "verify/letter_copies", "copies of one dead letter differ"),
    Check("I4", "verify/positions", "a position is beyond the end of the log"),
    Check("I5", "verify/sequences", "a plan's assignments are not numbered 1 to n"),
    Check("I6", "verify/versions", "an assignment was decided by a version that was not in force"),
    Check("I6", "verify/versions_fall", "a plan's version goes down along its numbers"),
    Check("I6", "verify/kept_versions", "a plan's versions are not all kept, in order"),
    Check("slots", "verify/slots", "a slot and its rows in the outbox do not fit together"),
)

# These run in a snapshot that began after the topics were read. It holds every published assignment, since a worker
# publishes only after its commit.
OF_LATER_SNAPSHOT = (
    Check("I3", "verify/strangers", "a message tells of an assignment that is not in the ledger"),
    Check("I3", "verify/letter_strangers", "a dead letter of a record not dealt with", ("group",)),
    Check("I3", "verify/disagreeing", "a message differs from the ledger"),
    Check("slots", "verify/published_positions", "Kafka holds more published rows than were written"),
)

SPREAD = query("verify/spread")


async def run(connection: postgres.Connection, checks: Iterable[Check], parameters: dict[str, str]) -> list[Violation]:
    """Runs the checks one after the other; returns the violations in the same order."""
    found = []
    for check in checks:
        arguments = [parameters[name] for name in check.parameters]
        rows = await connection.fetch(query(check.query), EXAMPLES, *arguments, timeout=STATEMENT_TIMEOUT)
        if rows:
            examples = tuple(example for example, _ in rows)
            found.append(Violation(check.invariant, check.message, rows[0][1], examples))
    return found


async def spread(connection: postgres.Connection) -> tuple[int, list[Violation]]:
    """The largest difference between managers of an even plan whose managers never changed, in leads.

    A difference above 1 is a violation, which is returned too.
    """
    plans = await connection.fetch(SPREAD, timeout=STATEMENT_TIMEOUT)
    uneven = [(plan, leads) for plan, leads in plans if leads > 1]
    if not uneven:
        return (plans[0][1] if plans else 0), []
    examples = tuple(f"{plan}: {leads} leads between most and fewest" for plan, leads in uneven[:EXAMPLES])
    return uneven[0][1], [Violation("I2", "an even plan is uneven", len(uneven), examples)]

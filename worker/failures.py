"""The fate of each kind of error in a session. A kind without a row is a bug, and ends the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from worker import kafka, postgres
from worker.cluster.topics.fault import TopicsUnfitError
from worker.intake.positions import PositionsUnfitError
from worker.outbox.slots import PositionAheadError, PositionForeignError, SlotLostError
from worker.postgres.sequences import SequencesBehindError


class Fate(Enum):
    """The worker's answer to an error."""

    TRY_AGAIN = auto()  # the worker tries the same batch again; after some tries the session ends
    BLAME_A_RECORD = auto()  # the worker halves the batch until one record is left, and makes it a dead letter
    NEW_SESSION = auto()  # the session ends and the worker begins another, if need be after a long wait
    STOP = auto()  # the process ends with a log line that says what to mend
    BUG = auto()  # the process ends; the log shows the error's type and its stack


Kinds = tuple[type[BaseException], ...]

# The first row with the error's class counts.
FATES: tuple[tuple[Kinds, Fate], ...] = (
    # Another transaction was in the way. The server has rolled ours back, and the batch itself is fine.
    (postgres.RETRY, Fate.TRY_AGAIN),
    # The server refuses a value that this program has made: a key, a number, a count. Another try would make the same
    # one.
    (postgres.OURS, Fate.STOP),
    # The server refuses any other value: it comes from a record. Outside a batch there is no record to blame.
    (postgres.REFUSED, Fate.BLAME_A_RECORD),
    # A right, the database or a property of the session is missing, until somebody mends it.
    (postgres.DENIED, Fate.STOP),
    # The schema is another release's, until somebody migrates.
    (postgres.UNMIGRATED, Fate.STOP),
    # The server is away, ends sessions, or can't do something now. Also a refused login: a worker that was connected
    # before waits, since somebody may be changing the password.
    (postgres.TROUBLE, Fate.NEW_SESSION),
    # The brokers are away or fail. If one of their settings refuses a request, the log says so, and the worker goes on
    # once somebody has changed it.
    (kafka.TROUBLE, Fate.NEW_SESSION),
    # Another worker publishes from the slot now. A new session leases a slot of its own.
    ((SlotLostError,), Fate.NEW_SESSION),
    # Somebody can mend topics while the worker runs; it checks them again.
    ((TopicsUnfitError,), Fate.NEW_SESSION),
    # Going on would lose or repeat records, and waiting does not help.
    ((PositionsUnfitError, PositionAheadError, PositionForeignError), Fate.STOP),
    # Going on would give numbers a second time.
    ((SequencesBehindError,), Fate.STOP),
    # The same as `postgres.OURS`, with a text that quotes no row.
    ((postgres.NobodysFaultError,), Fate.STOP),
)

# Errors after which a later try may succeed without a change of this program. Some bugs have these classes too: after
# catching one, call `is_waited_out`.
WAITED_OUT: Kinds = tuple(kind for kinds, fate in FATES if fate in (Fate.TRY_AGAIN, Fate.NEW_SESSION) for kind in kinds)


def fate_of(error: BaseException) -> Fate:
    """Look the error up in ``FATES``.

    Some bugs have a class that stands there. asyncpg raises the server's class for an argument that it can't encode.
    aiokafka raises a KafkaError for a wrong call, and for an error in our code that it ran.
    """
    if postgres.is_made_here(error) or kafka.is_bug(error):
        return Fate.BUG
    return next((fate for kinds, fate in FATES if isinstance(error, kinds)), Fate.BUG)


def is_waited_out(error: BaseException) -> bool:
    """True for an error of ``WAITED_OUT`` that is no bug."""
    return fate_of(error) in (Fate.TRY_AGAIN, Fate.NEW_SESSION)


@contextmanager
def waited_out() -> Iterator[None]:
    """End the block early at an error that is waited out. For work at intervals, where the next try follows anyway."""
    try:
        yield
    except WAITED_OUT as error:
        if not is_waited_out(error):
            raise


def require_waited_out(errors: BaseExceptionGroup[BaseException]) -> None:
    """Raise the bugs among a group of ``WAITED_OUT`` errors."""
    _, bugs = errors.split(is_waited_out)
    if bugs:
        raise bugs

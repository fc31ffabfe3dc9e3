"""The fate of each kind of error in a session. A kind that no row names is a bug, and ends the process."""

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
    """An answer to an error."""

    TRY_AGAIN = auto()  # the same batch is tried again; after some tries the session ends
    BLAME_A_RECORD = auto()  # the batch is halved until one record stands alone, which becomes a dead letter
    NEW_SESSION = auto()  # the session ends and another begins, also after a long wait
    STOP = auto()  # the process ends with a line that says what to mend
    BUG = auto()  # the process ends with the error's type and the way it came in the log


Kinds = tuple[type[BaseException], ...]

# The first row that names the error's class counts.
FATES: tuple[tuple[Kinds, Fate], ...] = (
    # Another transaction was in the way. The server has undone ours, and nothing is wrong with the batch.
    (postgres.RETRY, Fate.TRY_AGAIN),
    # The server refuses a value that this program has made: a key, a number, a count. Another try makes the same one.
    (postgres.OURS, Fate.STOP),
    # The server refuses any other value: it comes from a record. Outside of a batch there is no record to blame.
    (postgres.REFUSED, Fate.BLAME_A_RECORD),
    # A right, the database or a property of the session is missing, until somebody mends it.
    (postgres.DENIED, Fate.STOP),
    # The schema is another release's, until somebody migrates.
    (postgres.UNMIGRATED, Fate.STOP),
    # The server is away, ends sessions, or can't do now what it is asked for. Also a login that is refused: whoever was
    # let in once waits, since a password may be on its way to being changed.
    (postgres.TROUBLE, Fate.NEW_SESSION),
    # The same of the brokers. What they refuse by a setting of theirs is told, and works once the setting is changed.
    (kafka.TROUBLE, Fate.NEW_SESSION),
    # Another worker publishes from the slot now. A new session leases a slot of its own.
    ((SlotLostError,), Fate.NEW_SESSION),
    # Topics can be mended without the worker, which looks at them again.
    ((TopicsUnfitError,), Fate.NEW_SESSION),
    # To go on would lose or repeat records, and no wait changes that.
    ((PositionsUnfitError, PositionAheadError, PositionForeignError), Fate.STOP),
    # To go on would give numbers a second time.
    ((SequencesBehindError,), Fate.STOP),
    # As for `postgres.OURS`, in words that hold no row.
    ((postgres.NobodysFaultError,), Fate.STOP),
)

# What may succeed later though nobody mends this program. Catch these, and ask: bugs can have these classes, too.
WAITED_OUT: Kinds = tuple(kind for kinds, fate in FATES if fate in (Fate.TRY_AGAIN, Fate.NEW_SESSION) for kind in kinds)


def fate_of(error: BaseException) -> Fate:
    """Look the error up in ``FATES``.

    Some bugs have a class that stands there: asyncpg raises the server's class for an argument that it can't encode,
    and aiokafka a KafkaError for a wrong call, or for an error of our code that it ran.
    """
    if postgres.is_made_here(error) or kafka.is_bug(error):
        return Fate.BUG
    return next((fate for kinds, fate in FATES if isinstance(error, kinds)), Fate.BUG)


def is_waited_out(error: BaseException) -> bool:
    """True for ``WAITED_OUT`` but for bugs."""
    return fate_of(error) in (Fate.TRY_AGAIN, Fate.NEW_SESSION)


@contextmanager
def waited_out() -> Iterator[None]:
    """Ends the block early at an error that is waited out; for what is done at intervals, where the next try counts."""
    try:
        yield
    except WAITED_OUT as error:
        if not is_waited_out(error):
            raise


def require_waited_out(errors: BaseExceptionGroup[BaseException]) -> None:
    """Raises those errors of a group of ``WAITED_OUT`` that are bugs."""
    _, bugs = errors.split(is_waited_out)
    if bugs:
        raise bugs

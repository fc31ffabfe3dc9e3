"""The errors of asyncpg by what they mean. ``worker.failures`` says what becomes of each."""

from __future__ import annotations

import ssl
from typing import TypeAlias

import asyncpg

from worker.postgres.remedies import SERVERS_OWN
from worker.postgres.sessions import SessionUnfitError


class UnreachedError(ConnectionError):
    """There was no way to the server, in words that say where to look."""


class ConnectionEndedError(ConnectionError):
    """A call on a connection that has ended, or on a pool that closes; nothing was sent."""


# The batch is known to be undone and may be tried again as it is.
RETRY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# What the database refuses for its values (classes 22 and 23): the batch is undone.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
RefusedError: TypeAlias = asyncpg.DataError | asyncpg.IntegrityConstraintViolationError

# Of these no record is ever to blame. Every key, check and not-null column that a batch can violate holds a value that
# this program has made: numbers of plans, of arrivals and of outbox rows, counts, leads that are not assigned yet.
# Sequences and integers are ours as well: no number of a record is stored.
OURS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SequenceGeneratorLimitExceededError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.InvalidBinaryRepresentationError,
)

# The server or the way to it: nothing is known of what was under way.
TROUBLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    *SERVERS_OWN,
    # The client and the server no longer agree on where they are in their protocol, or the server's types have changed.
    # A new connection begins with neither past.
    asyncpg.InternalClientError,
    # The address can't be used: it may lie in a file that somebody is replacing.
    asyncpg.ClientConfigurationError,
)

# A right or the database is missing, or the session can't be what is needed: not waited out, since somebody has to
# mend it.
DENIED = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidCatalogNameError, SessionUnfitError)

# The schema is not what this release needs.
UNMIGRATED = (
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidColumnReferenceError,
)

# There is an answer, and it stays the same until somebody mends the configuration, the login or its grants. Most are
# among ``TROUBLE`` too: whoever was let in once waits, since a password may be on its way to being changed.
REJECTED = (
    *DENIED,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ClientConfigurationError,
    ssl.SSLCertVerificationError,
)


def rejection(error: BaseException) -> str:
    """What one of ``REJECTED`` says, in a line, and where to mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = error.verify_message.removesuffix(".")
        return f"the server's certificate is refused: {fault}; see sslmode, sslrootcert and the host in DATABASE_URL"
    text = " ".join(str(error).split())
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return f"{text}; which role has which rights: db/README.md"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"{text}; see its name in DATABASE_URL, or PGDATABASE; how to make one: db/README.md"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{text}; see user and password in DATABASE_URL, or PGUSER and PGPASSWORD"
    return text


def is_late(error: BaseException) -> bool:
    """True where an answer, a lock or the end of a statement was waited for in vain."""
    return isinstance(error, (TimeoutError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError))


def is_made_here(error: BaseException) -> bool:
    """True for an error of the server's classes that the client has made itself, about an argument of ours.

    Only what the server sends has a severity. The client also makes an error of its own for a connection that has
    ended, and that one is trouble.
    """
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, asyncpg.PostgresConnectionError):
        return False
    return error.severity is None


def refusal(error: RefusedError) -> str:
    """The state, and the constraint if there is one. Never the server's text, which may quote a lead."""
    return ", ".join(filter(None, (error.sqlstate, error.constraint_name)))


class NobodysFaultError(Exception):
    """The database refuses what no record is to blame for."""

    def __init__(self, error: RefusedError) -> None:
        """Tell the error's state and constraint. The error itself may quote a row, and with it a lead."""
        super().__init__(
            f"the database refuses what no record is to blame for ({refusal(error)}); its log says more, "
            "and `salesplan verify` names what does not fit"
        )


def shortcoming(error: BaseException) -> str:
    """Say what one of ``UNMIGRATED`` lacks, in a line, and what makes it."""
    if isinstance(error, (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError)):
        return "the database is not migrated; run salesplan migrate"
    return "the database is of another version; run salesplan migrate"


def is_refusal(name: str) -> bool:
    """Whether this is what an error of ``REFUSED`` is called; dead letters of earlier releases name any of them."""
    error = getattr(asyncpg, name, None)
    return isinstance(error, type) and issubclass(error, REFUSED)

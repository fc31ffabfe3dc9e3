"""Groups of asyncpg's errors, by meaning. ``worker.failures`` decides the fate of each."""

from __future__ import annotations

import ssl
from typing import TypeAlias

import asyncpg

from worker.postgres.remedies import SERVERS_OWN
from worker.postgres.sessions import SessionUnfitError


class UnreachedError(ConnectionError):
    """The server can't be reached; the text says where to look."""


class ConnectionEndedError(ConnectionError):
    """The program used an ended connection or a closing pool; nothing was sent."""


# Every error that the server itself reports.
ServerError = asyncpg.PostgresError

# The server has certainly rolled the batch back. The worker may try it again unchanged.
RETRY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# The database refuses a value (classes 22 and 23), and has rolled the batch back.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
RefusedError: TypeAlias = asyncpg.DataError | asyncpg.IntegrityConstraintViolationError

# Refusals for which no record is ever to blame. Every key, check and not-null column that a batch can violate holds a
# value of this program: numbers of plans, of arrivals and of outbox rows, counts, leads that are not assigned yet.
# Sequences and integers are ours as well: the program stores no number from a record.
OURS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SequenceGeneratorLimitExceededError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.InvalidBinaryRepresentationError,
)

# The server fails, or the way to it does. The outcome of a statement that was sent is unknown.
TROUBLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    *SERVERS_OWN,
    # The client and the server no longer agree on the state of their protocol, or the server's types have changed. A
    # new connection starts fresh.
    asyncpg.InternalClientError,
    # The client can't use the address; somebody may be replacing the file that holds it.
    asyncpg.ClientConfigurationError,
)

# A right or the database is missing, or the session lacks a needed property. Waiting does not help: somebody has to
# mend it.
DENIED = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidCatalogNameError, SessionUnfitError)

# The schema is another release's.
UNMIGRATED = (
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidColumnReferenceError,
)

# The server gives an answer that stays the same until somebody mends the configuration, the login or its grants. Most
# are in ``TROUBLE`` too: a worker that was connected before waits, since somebody may be changing a password.
REJECTED = (
    *DENIED,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ClientConfigurationError,
    ssl.SSLCertVerificationError,
)


def rejection(error: BaseException) -> str:
    """Put an error of ``REJECTED`` in one line, with the place to mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = error.verify_message.removesuffix(".")
        return f"the server's certificate is refused: {fault}; see sslmode, sslrootcert and the host in DATABASE_URL"
    text = " ".join(str(error).split())
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return f"{text}; db/README.md lists the rights of each role"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"{text}; see its name in DATABASE_URL, or PGDATABASE; db/README.md says how to create one"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{text}; see user and password in DATABASE_URL, or PGUSER and PGPASSWORD"
    return text


def is_late(error: BaseException) -> bool:
    """True if an answer, a lock or the end of a statement did not come in time."""
    return isinstance(error, (TimeoutError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError))


def is_made_here(error: BaseException) -> bool:
    """True for an error about an argument of ours that the client has raised itself, with one of the server's classes.

    Only errors from the server have a severity. The client also raises an error of its own for an ended connection;
    that is no bug.
    """
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, asyncpg.PostgresConnectionError):
        return False
    return error.severity is None


def refusal(error: RefusedError) -> str:
    """Name the SQLSTATE, and the constraint if there is one. The server's text may quote a lead, so it is left out."""
    return ", ".join(filter(None, (error.sqlstate, error.constraint_name)))


class NobodysFaultError(Exception):
    """The database refuses a value for which no record is to blame."""

    def __init__(self, error: RefusedError) -> None:
        """Take only the error's state and constraint. The error itself may quote a row, and with it a lead."""
        super().__init__(
            f"the database refuses a value that comes from no record ({refusal(error)}); its log says more, "
            "and `salesplan verify` names rows that do not fit"
        )


def shortcoming(error: BaseException) -> str:
    """Return one line for an error whose class is in ``UNMIGRATED``: the fault, and the command that mends it."""
    if isinstance(error, (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError)):
        return "the database is not migrated; run salesplan migrate"
    return "the database is of another version; run salesplan migrate"


def is_refusal(name: str) -> bool:
    """True if this is the class name of a ``REFUSED`` error. Dead letters of earlier releases contain such names."""
    error = getattr(asyncpg, name, None)
    return isinstance(error, type) and issubclass(error, REFUSED)

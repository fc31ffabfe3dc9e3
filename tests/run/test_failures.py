"""The fate of each kind of error, by hand: the table of `worker.failures` says the same in classes."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, cast

import asyncpg
import pytest
from aiokafka import errors
from aiokafka.errors import KafkaError

from worker import kafka, postgres
from worker.cluster.topics import TopicsUnfitError
from worker.commands.run import ENDINGS
from worker.commands.shell import RejectedError, UnmigratedError
from worker.failures import FATES, Fate, fate_of, require_waited_out, waited_out
from worker.intake.positions import PositionsUnfitError
from worker.kafka.errors import TransactionFailedError
from worker.kafka.group.assignor import LeadAssignor
from worker.kafka.limits import MessageTooLargeError
from worker.kafka.metadata import NoLeaderError
from worker.outbox.slots import PositionAheadError, PositionForeignError, SlotLostError
from worker.postgres.sequences import SequencesBehindError
from worker.postgres.sessions import SessionUnfitError
from worker.serving import PortUnusableError

# By SQLSTATE, of errors that a server has sent.
STATES = {
    Fate.TRY_AGAIN: "40001 40P01 55P03",
    Fate.BLAME_A_RECORD: "22000 22001 22008 22021 22P02 22P05",
    Fate.STOP: "22003 2200H 22P03 23000 23502 23503 23505 23514 3D000 3F000 42501 42703 42704 42883 42P01 42P10",
    Fate.NEW_SESSION: (
        "08000 08003 08006 08P01 0A000 25006 25P02 25P03 25P04 28000 28P01 40003 53100 53200 53300 54000 55000 57014 "
        "57P01 57P02 57P03 58030 F0000 P0001 XX000 XX001 AB123"
    ),
    Fate.BUG: "21000 24000 34000 42601 42804",
}

Errors = dict[Fate, list[BaseException]]

CLIENTS: Errors = {
    Fate.NEW_SESSION: [
        OSError("no route"),
        TimeoutError(),
        ConnectionResetError(),
        ssl.SSLCertVerificationError(),
        postgres.UnreachedError("nobody listens"),
        postgres.ConnectionEndedError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),  # the client's own
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
        asyncpg.TargetServerAttributeNotMatched("a standby"),
        asyncpg.OutdatedSchemaCacheError("another type by now"),
        asyncpg.ClientConfigurationError("a password file that is being replaced"),
    ],
    Fate.STOP: [SessionUnfitError("a pooler")],
    Fate.BUG: [
        asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"),
        asyncpg.UnsupportedClientFeatureError("a type without a codec"),
        asyncpg.DataError("invalid input for query argument $1: 'lead-1'"),
    ],
}

BROKERS: Errors = {
    Fate.NEW_SESSION: [
        KafkaError("Unable to get cluster metadata over all known brokers"),
        errors.KafkaConnectionError(),
        errors.KafkaTimeoutError(),
        errors.NodeNotReadyError(),
        errors.RequestTimedOutError(),
        errors.UnknownMemberIdError(),
        errors.IllegalGenerationError(),
        errors.TopicAuthorizationFailedError("orders"),
        errors.AuthenticationFailedError(),
        errors.UnsupportedVersionError(),
        errors.InvalidRequestError(),
        errors.CorruptRecordException(),
        errors.RecordTooLargeError(),
        errors.ProducerClosed(),
        errors.ProducerFenced(),
        kafka.ConsumerLostError(),
        NoLeaderError("orders"),
        MessageTooLargeError("lead-assigned", 2_000_000),
        TransactionFailedError("before all of it was sent"),
    ],
    Fate.BUG: [
        errors.IllegalStateError("No current assignment for partition"),
        errors.IllegalArgumentError(),
        errors.IllegalOperation("Not in the middle of a transaction"),
        errors.ConsumerStoppedError(),
    ],
}

OWN: Errors = {
    Fate.NEW_SESSION: [SlotLostError("salesplan-slot-1"), TopicsUnfitError()],
    Fate.STOP: [
        PositionsUnfitError(["gone"]),
        PositionAheadError("an older copy"),
        PositionForeignError("set by a tool"),
        SequencesBehindError(["salesplan.arrival"]),
        postgres.NobodysFaultError(asyncpg.UniqueViolationError("key")),
    ],
    Fate.BUG: [TypeError(), KeyError("plan"), ValueError(), AssertionError(), RuntimeError()],
}


def sent(state: str) -> BaseException:
    """The client's error for what a server sends with this SQLSTATE."""
    fields = {"S": "ERROR", "V": "ERROR", "C": state, "M": "the server's words"}
    return cast(BaseException, asyncpg.PostgresError.new(fields))


@pytest.mark.parametrize(("fate", "state"), [(fate, state) for fate in STATES for state in STATES[fate].split()])
def test_of_what_a_server_sends(fate: Fate, state: str) -> None:
    assert fate_of(sent(state)) is fate


@pytest.mark.parametrize(
    ("fate", "error"),
    [(fate, error) for table in (CLIENTS, BROKERS, OWN) for fate, found in table.items() for error in found],
    ids=repr,
)
def test_of_what_is_raised_here(fate: Fate, error: BaseException) -> None:
    assert fate_of(error) is fate


TOO_LARGE = 2**63


@pytest.mark.parametrize(
    ("statement", "argument"), [("select $1::bigint", TOO_LARGE), ("select $1::int", "l"), ("select $1", "\ud800")]
)
async def test_an_argument_that_the_client_can_not_encode_is_a_bug(
    database_url: str, statement: str, argument: object
) -> None:
    async with postgres.connected(database_url, application_name="x") as connection:
        with pytest.raises(asyncpg.DataError) as encoding:
            await connection.fetchval(statement, argument)
    assert encoding.value.sqlstate == "22000"  # which a server also sends
    assert fate_of(encoding.value) is Fate.BUG


async def test_a_value_that_the_server_refuses_is_a_record_s(database_url: str) -> None:
    async with postgres.connected(database_url, application_name="x") as connection:
        with pytest.raises(asyncpg.CharacterNotInRepertoireError) as refused:
            await connection.fetchval("select $1", "\0")
    assert fate_of(refused.value) is Fate.BLAME_A_RECORD


def met_in_a_task(work: Callable[[], object]) -> KafkaError:
    """The error of aiokafka for what one of its background tasks has met."""
    try:
        work()
    except Exception as met:  # noqa: BLE001 -- as the client does
        error = KafkaError("Unexpected error during coordination")
        error.__cause__ = met
        return error
    raise AssertionError


def raises(error: Exception) -> Callable[[], object]:
    def work() -> None:
        raise error

    return work


def test_an_error_of_our_code_that_aiokafka_has_run_is_a_bug() -> None:
    """The client's own errors are not: a new client begins without them."""
    assert fate_of(met_in_a_task(lambda: LeadAssignor.assign(cast(Any, None), {"a": cast(Any, None)}))) is Fate.BUG
    assert fate_of(met_in_a_task(raises(AssertionError()))) is Fate.NEW_SESSION
    assert fate_of(met_in_a_task(raises(errors.StaleMetadata()))) is Fate.NEW_SESSION


def test_bugs_are_parted_from_what_is_waited_out() -> None:
    """Also in groups of groups; what is done at intervals goes on after the one, and not after the other."""
    bug, trouble = errors.IllegalStateError(), OSError()
    with pytest.raises(ExceptionGroup) as raised:
        require_waited_out(ExceptionGroup("of a session", [trouble, ExceptionGroup("of its stages", [bug, trouble])]))
    assert raised.group_contains(errors.IllegalStateError)
    assert not raised.group_contains(OSError)
    require_waited_out(ExceptionGroup("of a session", [trouble]))
    with waited_out():
        raise trouble
    with pytest.raises(errors.IllegalStateError), waited_out():
        raise bug


def test_each_end_of_the_worker_has_a_line_of_its_own() -> None:
    """Three have theirs before any session; and in place of an error that quotes a row stands one that does not."""
    told = {kind for ending in ENDINGS for kind in ending.kinds} - {RejectedError, UnmigratedError, PortUnusableError}
    ends = {kind for kinds, fate in FATES if fate is Fate.STOP for kind in kinds} - set(postgres.OURS)
    assert told == ends

"""Says in one line why the brokers can't be used, and which setting to check.

The client reports only that it could not connect, and logs the reason. So after such a failure this module connects
once more.
"""

from __future__ import annotations

import asyncio
import ssl
from socket import gaierror
from typing import Any

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from worker.kafka.client import client_options
from worker.kafka.group.assignor import LeadAssignor
from worker.kafka.group.members import KIND, ConsumerGroup
from worker.kafka.tokens import TokenError
from worker.settings.kafka import BY_TOKEN, Kafka

PATIENCE = 2.0  # seconds for one address

CLOSED = "closes the connection: perhaps it expects TLS or a login, or neither; check KAFKA_SECURITY_PROTOCOL"

# A broker answered that the user lacks a right on one of these.
DENIED = {
    TopicAuthorizationFailedError: "topic",
    GroupAuthorizationFailedError: "group",
    TransactionalIdAuthorizationFailed: "transactional id",
    ClusterAuthorizationFailedError: "cluster",
}
UNREACHED = (KafkaConnectionError, NodeNotReadyError)

# The first row that fits the error counts.
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLError,
        "does not agree on TLS: check KAFKA_SECURITY_PROTOCOL, and KAFKA_SSL_CERTFILE where it asks for a certificate",
    ),
    (gaierror, "has an unknown host name: check KAFKA_BOOTSTRAP_SERVERS"),
    (TimeoutError, "does not answer"),
    (ConnectionRefusedError, "refuses the connection: nobody listens there"),
    (ConnectionResetError, CLOSED),
    (KafkaConnectionError, CLOSED),
)

# OpenSSL's numbers for the reasons why it rejects a certificate.
UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}
OTHER_NAME = {62, 64}


def is_denied(error: BaseException) -> bool:
    """True if the brokers answered that the user lacks a right."""
    return isinstance(error, tuple(DENIED))


def is_unreached(error: BaseException) -> bool:
    """True if the client could connect to no broker. Our settings may be wrong."""
    return isinstance(error, UNREACHED)


def is_protocol_mismatch(error: BaseException) -> bool:
    """True if the group's members share out partitions by another protocol, so that no worker can join."""
    return isinstance(error, InconsistentGroupProtocolError)


def explain_mismatch(group_id: str, group: ConsumerGroup) -> str:
    """Say in one line why no worker can join the group. Call it only for an error that ``is_protocol_mismatch``."""
    kind = "" if group.kind == KIND else f" of kind {group.kind or 'unknown'}"
    members = ", ".join(sorted({str(member) for member in group.members})) or "none that the brokers report"
    return (
        f"group {group_id} is another program's{kind}: its members ({members}) share out partitions by "
        f"{group.protocol or 'a protocol of their own'}, workers by {LeadAssignor.name}. "
        "Give that program a group id of its own, or the workers another KAFKA_GROUP_ID"
    )


async def describe_error(settings: Kafka, error: BaseException) -> str:
    """Put the error in one line. May connect to the brokers, to learn more than the client reports."""
    if is_denied(error):
        return _denial(error)
    if isinstance(error, (*UNREACHED, TimeoutError)) and (found := await diagnose(settings)):
        return found
    return " ".join(str(error).split()) or type(error).__name__


async def diagnose(settings: Kafka) -> str | None:
    """Find the reason why the brokers can't be used, in one line; None if they can."""
    try:
        options = client_options(settings)
    except OSError as error:
        reason = error.strerror or str(error)
        return f"the files of KAFKA_SSL_CAFILE, KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE can't be used: {reason}"
    hosts = [_address(*found[:2]) for found in collect_hosts(options.pop("bootstrap_servers"), randomize=False)]
    # One of the configured addresses may be down. The client may need each of the addresses that the brokers advertise.
    refusals = []
    for address in hosts:
        refusal, brokers = await _try_address(settings, address, options)
        if refusal is None:
            found = [await _try_address(settings, broker, options) for broker in brokers if broker not in hosts]
            return next((f"clients are sent on (advertised.listeners): {text}" for text, _ in found if text), None)
        refusals.append(refusal)
    return refusals[0]


async def _try_address(settings: Kafka, address: str, options: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Try one address: the reason why it fails, or None and the addresses of all brokers."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE):
            connection: AIOKafkaConnection = await create_conn(host.strip("[]"), int(port), **options)
            try:
                answer: Any = await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except TokenError as error:
        return str(error.args[0]), []
    except (OSError, KafkaError, TimeoutError) as error:
        return f"{address} {_reason(settings, error)}", []
    if settings.sasl_mechanism == BY_TOKEN and not answer.brokers:
        # The client ignores the brokers' answer to a token. The brokers then refuse each request in its own way.
        return f"{address} {_login_refused(settings)}", []
    return None, [_address(broker[1], broker[2]) for broker in answer.brokers]


def _address(host: str, port: int) -> str:
    """Write an address in the form of KAFKA_BOOTSTRAP_SERVERS."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _denial(error: BaseException) -> str:
    kind = next(word for denied, word in DENIED.items() if isinstance(error, denied))
    name = error.args[0] if error.args else ""
    names = ", ".join(sorted(name)) if isinstance(name, set | frozenset) else str(name)
    return (
        f"the Kafka user lacks a right on {kind} {names}".rstrip() + "; `salesplan acls list` shows all needed rights"
    )


def _reason(settings: Kafka, error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error)
    if isinstance(error, SaslAuthenticationFailed):
        return _login_refused(settings)
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"does not support {settings.sasl_mechanism}: check KAFKA_SASL_MECHANISM"
    for kind, reason in REASONS:
        if isinstance(error, kind):
            return reason
    return f"can't be used: {' '.join(str(error).split()) or type(error).__name__}"


def _login_refused(settings: Kafka) -> str:
    if settings.sasl_mechanism == BY_TOKEN:
        return "refuses our token: the brokers may expect another audience, issuer or scope"
    user, mechanism = settings.sasl_username, settings.sasl_mechanism
    return f"refuses user {user} by {mechanism}: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    reason = error.verify_message.rstrip(".")
    if error.verify_code in OTHER_NAME:
        return f"shows a certificate for another name ({reason}): use a name that the certificate contains"
    if error.verify_code in UNKNOWN_AUTHORITY:
        return f"shows a certificate of an unknown authority ({reason}): KAFKA_SSL_CAFILE must contain its certificate"
    return f"shows a certificate that can't be trusted ({reason})"

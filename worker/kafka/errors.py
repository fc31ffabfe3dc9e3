"""Groups of aiokafka's errors, by meaning. ``worker.failures`` decides the fate of each."""

from __future__ import annotations

import traceback

from aiokafka.errors import IllegalArgumentError, IllegalStateError, KafkaError, ProducerFenced

# The brokers fail, or the network does. The outcome of a request that was sent is unknown.
TROUBLE = (KafkaError, OSError, TimeoutError)

# Part of TROUBLE: another producer has started under the same transactional id. A broker sends the same error after it
# has aborted a transaction that took too long.
FENCED = (ProducerFenced,)

# Also part of TROUBLE, but no broker has sent it: the client rejects a call of this program. The client's
# ConsumerStoppedError and IllegalOperation mean the same, and are no KafkaErrors. An error with a protocol number comes
# from a broker.
MISUSE = (IllegalStateError, IllegalArgumentError)


class ConsumerLostError(KafkaError):
    """The brokers accept a new client, but no longer answer the consumer."""


class RefusalError(KafkaError):
    """The brokers refuse a request until somebody changes one of their settings. The text names the setting."""

    def __str__(self) -> str:
        """The text alone. The client's errors begin with the name of their class."""
        return str(self.args[0])


class TransactionFailedError(KafkaError):
    """The client accepts nothing more for a failed transaction, and does not say why it failed."""


def is_bug(error: BaseException) -> bool:
    """True for errors of ``TROUBLE`` that are bugs of this program: a wrong call, or an error in our code.

    The client runs our code in its background tasks, to share out partitions and to parse answers. It wraps any error
    of such a task in a bare KafkaError. It does the same with errors of its own, which a new client does not have.
    """
    if isinstance(error, MISUSE):
        return True
    cause = error.__cause__
    if type(error) is not KafkaError or cause is None or isinstance(cause, TROUBLE):
        return False
    return any(_is_ours(frame.f_globals["__name__"]) for frame, _ in traceback.walk_tb(cause.__traceback__))


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "worker"

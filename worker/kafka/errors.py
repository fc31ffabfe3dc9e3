"""The errors of aiokafka by what they mean. ``worker.failures`` says what becomes of each."""

from __future__ import annotations

import traceback

from aiokafka.errors import IllegalArgumentError, IllegalStateError, KafkaError, ProducerFenced

# The brokers or the way to them: nothing is known of what was under way.
TROUBLE = (KafkaError, OSError, TimeoutError)

# Among it: another has opened a producer under the same id. A transaction that ran out is told in the same words.
FENCED = (ProducerFenced,)

# Among it, too, though no broker has a part in it: the client refuses a call of this program. Its ConsumerStoppedError
# and IllegalOperation say the same, and are no KafkaErrors. What bears a number of the protocol is the brokers' word.
MISUSE = (IllegalStateError, IllegalArgumentError)


class ConsumerLostError(KafkaError):
    """The brokers let a new client in, and no longer answer the consumer."""


class RefusalError(KafkaError):
    """The brokers do not do what they are asked, until somebody changes a setting of theirs; the text says which."""

    def __str__(self) -> str:
        """The text alone: the client's errors begin with the name of their class."""
        return str(self.args[0])


class TransactionFailedError(KafkaError):
    """The client takes no more of a transaction that has failed, and does not say why it has."""


def is_bug(error: BaseException) -> bool:
    """True for those of ``TROUBLE`` that are bugs of this program: a wrong call, or an error of our code.

    The client runs our code in its background tasks, to share out partitions and to read answers. It wraps whatever
    such a task meets in a bare KafkaError: also errors of its own, which a new client does not have.
    """
    if isinstance(error, MISUSE):
        return True
    cause = error.__cause__
    if type(error) is not KafkaError or cause is None or isinstance(cause, TROUBLE):
        return False
    return any(_is_ours(frame.f_globals["__name__"]) for frame, _ in traceback.walk_tb(cause.__traceback__))


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "worker"

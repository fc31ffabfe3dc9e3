"""The one package that knows aiokafka: a consumer, a transactional producer, topics, and plain readers and writers."""

from aiokafka.errors import KafkaError, ProducerFenced

# The brokers or the way to them: nothing is known of what was under way.
TROUBLE = (KafkaError, OSError, TimeoutError)

# Among it: another has opened a producer under the same id. A transaction that ran out is told in the same words.
FENCED = (ProducerFenced,)


class ConsumerLostError(KafkaError):
    """The brokers let a new client in, and no longer answer the consumer."""


class RefusalError(KafkaError):
    """The brokers do not do what they are asked, until somebody changes a setting of theirs; the text says which."""

    def __str__(self) -> str:
        """The text alone: the client's errors begin with the name of their class."""
        return str(self.args[0])

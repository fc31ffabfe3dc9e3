"""The one package that knows aiokafka: a consumer, a transactional producer, topics, and plain readers and writers."""

from aiokafka.errors import KafkaError, ProducerFenced

# The brokers or the way to them: nothing is known of what was under way.
TROUBLE = (KafkaError, OSError, TimeoutError)

# Among it: another has opened a producer under the same id. A transaction that ran out is told in the same words.
FENCED = (ProducerFenced,)

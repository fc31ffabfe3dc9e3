"""The one package that knows aiokafka: a consumer, a transactional producer, topics, and plain readers and writers."""

from aiokafka.errors import KafkaError

# The brokers or the way to them: nothing is known of what was under way.
TROUBLE = (KafkaError, OSError, TimeoutError)

"""The only package that uses aiokafka: a consumer, a transactional producer, topics, and plain readers and writers."""

from worker.kafka.errors import FENCED as FENCED
from worker.kafka.errors import TROUBLE as TROUBLE
from worker.kafka.errors import ConsumerLostError as ConsumerLostError
from worker.kafka.errors import RefusalError as RefusalError
from worker.kafka.errors import is_bug as is_bug

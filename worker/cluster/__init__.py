"""Everything about the brokers except records: topics, rights, the consumer group, and their faults."""

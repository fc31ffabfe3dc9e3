"""The brokers beside the data: topics, rights, the consumer group, and what is wrong with them."""

"""The consumer group: its members, how they share out partitions, and what keeps a worker out of it."""

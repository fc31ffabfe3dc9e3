"""The consumer group: its members, its assignment of partitions, and the limits that keep a worker out."""

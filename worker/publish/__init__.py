"""Kafka transactions out: each outbox row is published exactly once, in order."""

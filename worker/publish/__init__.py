"""Publishes outbox rows in Kafka transactions, each exactly once and in order."""

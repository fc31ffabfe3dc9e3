"""Reads dead letters, and sends them back to the topics that they came from."""

"""Requests that aiokafka lacks, or of which it lacks a version that we need: one a file, named as in Kafka's protocol.

Each file says what for. `tests/kafka/test_requests.py` fails once a release of aiokafka brings one: its file can go.
"""

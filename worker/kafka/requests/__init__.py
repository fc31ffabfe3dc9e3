"""Requests that aiokafka lacks, or lacks in the version that we need. Each has a file with its name in Kafka's
protocol.

Each file says why the worker needs it. `tests/kafka/test_requests.py` fails once a release of aiokafka brings one: then
delete its file.
"""

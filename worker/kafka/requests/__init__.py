"""Requests that aiokafka lacks, or lacks in the version that we need.

Each request has a file, named like the request in Kafka's protocol. The file says why the worker needs the request.
`tests/kafka/test_requests.py` fails once a release of aiokafka has one of them. Then delete its file.
"""

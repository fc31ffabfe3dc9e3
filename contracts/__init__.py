"""The published contract: the messages that the worker reads (`inbound`) and sends (`outbound`), and their schemas."""

"""Measures the worker's speed, and that of alternatives, on the same servers and the same input (`make bench`)."""

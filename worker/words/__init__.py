"""Sentences: each language makes them of the faults, warnings and reasons that the rules give as values."""

"""Reasons: why a lead has its manager. The command line and the console share this room."""

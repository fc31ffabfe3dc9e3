"""The running worker: its loop, the parts of a session, its stages, and its health."""

"""Handles signals from the first moment on, and the standard streams. Loads only the standard library."""

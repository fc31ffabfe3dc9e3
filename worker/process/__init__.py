"""Signals from the first moment on, and the standard streams. Loads nothing but the standard library."""

"""Exports and erases the data of one lead, and deletes old rows."""

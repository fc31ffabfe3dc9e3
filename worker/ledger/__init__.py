"""The one transaction that decides a batch, and what it answers."""

"""One lead: all that is known of it, and the right to be forgotten."""

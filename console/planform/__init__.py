"""The form of a plan: its fields as text, the plan that they mean, faults, two edits at once, what will happen."""

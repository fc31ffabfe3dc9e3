"""Dead letters after the fact: what they say, which there are, and sending them back to where they came from."""

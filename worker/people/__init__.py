"""People: who a signed-in user of the console is, and the names that its pages show beside ids."""

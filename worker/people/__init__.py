"""Keeps the console's people (heads of sales and managers), and the names that its pages show beside ids."""

"""Plans in files and in Postgres: the YAML file and its checks, edits, old versions, the workers' plan book."""

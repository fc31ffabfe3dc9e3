"""Input of records: the worker reads the input topics from the positions that Postgres keeps."""

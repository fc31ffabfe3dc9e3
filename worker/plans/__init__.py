"""Plans at rest: the YAML file and its checks, edits in one transaction, versions kept, the snapshot to match with."""

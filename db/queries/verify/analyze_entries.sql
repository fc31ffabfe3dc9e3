-- What was filled from the others, last.
analyze entry

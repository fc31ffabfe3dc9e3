-- Temporary tables are not analysed by themselves.
analyze announced, dead_letter, share, bounds

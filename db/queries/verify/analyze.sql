-- Why: Postgres does not analyse temporary tables by itself. Without their sizes it may choose slow joins.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
analyze announced, dead_letter, share, bounds, log, input_record, input_range, entry_rule, in_force

-- Why: The table `entry` is filled from the other tables, so it is analysed after them.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
analyze entry

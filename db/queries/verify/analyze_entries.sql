-- Why: The table `entry` is filled from the others, and so it is analysed last.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
analyze entry

-- Why: The checker reads the dead letters of every topic that a worker ever read.
-- Runs it: `salesplan verify`, as the first statement of its snapshot.
-- Returns the name of each such topic.
select distinct topic from reading

-- Why: Every topic that was ever read may have dead letters.
-- Runs it: `salesplan verify`, as the first statement of its snapshot.
-- Returns topic of each.
select distinct topic from reading

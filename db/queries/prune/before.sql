-- Why: What is older than so many days is pruned, by the clock that dates the rows.
-- Runs it: `salesplan prune`.
-- $1 days (integer): for how many days rows are kept.
-- Returns one row: the time before which rows go.
select clock_timestamp() - make_interval(days => $1)

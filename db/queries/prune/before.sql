-- Why: Rows older than so many days are pruned. The database's clock decides, because it dated them.
-- Runs it: `salesplan prune`.
-- $1 days (integer): for how many days rows are kept.
-- Returns one row: the time before which rows are deleted.
select clock_timestamp() - make_interval(days => $1)

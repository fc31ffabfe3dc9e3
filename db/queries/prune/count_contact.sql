-- Why: A dry run shows how many contacts would be deleted.
-- Runs it: `salesplan prune` without `--execute`.
-- $1 before (timestamptz): the command deletes contacts before this time.
-- Returns their number.
select count(*) from salesplan.contact where occurred_at < $1

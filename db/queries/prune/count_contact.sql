-- Why: A dry run tells how many contacts are to go.
-- Runs it: `salesplan prune` without `--execute`.
-- $1 before (timestamptz): contacts before this time go.
-- Returns their number.
select count(*) from salesplan.contact where occurred_at < $1

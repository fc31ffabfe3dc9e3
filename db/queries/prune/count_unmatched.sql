-- Why: A dry run shows how many counters of unmatched events would be deleted.
-- Runs it: `salesplan prune` without `--execute`.
-- $1 before (timestamptz): the command deletes counters that last counted before this time.
-- Returns their number.
select count(*) from salesplan.unmatched where last_seen_at < $1

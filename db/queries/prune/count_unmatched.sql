-- Why: A dry run tells how many counters of unmatched events are to go.
-- Runs it: `salesplan prune` without `--execute`.
-- $1 before (timestamptz): counters that last counted before this time go.
-- Returns their number.
select count(*) from salesplan.unmatched where last_seen_at < $1

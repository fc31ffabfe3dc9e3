-- How many counters of what fell through are older, for a dry run.
select count(*) from salesplan.unmatched where last_seen_at < $1

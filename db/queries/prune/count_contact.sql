-- How many contacts are older, for a dry run.
select count(*) from salesplan.contact where occurred_at < $1

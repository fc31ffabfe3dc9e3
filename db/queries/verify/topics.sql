-- Every topic that was ever read; each may have dead letters.
select distinct topic from reading

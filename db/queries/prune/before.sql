-- What is so many days old, by the clock that dates the rows.
select clock_timestamp() - make_interval(days => $1)

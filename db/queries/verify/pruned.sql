-- Tables that were pruned.
select format('%s before %s', what, before), count(*) over () from salesplan.pruned where entries > 0 order by what

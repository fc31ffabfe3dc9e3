-- Why: These tables were pruned. The checks allow older rows to be missing.
-- Runs it: `salesplan verify`, for the notes of its report.
-- Returns the tables, each with the time before which rows may be gone. Each row also has the number of all such
--   tables.
select format('%s before %s', what, before), count(*) over () from salesplan.pruned where entries > 0 order by what

-- Why: Pages show names beside ids, and offer known ones to choose from.
-- Runs it: the console's pages for heads of sales, after console/enter.
-- Returns one row per name of the account: kind (`manager`, `lgt` or `offer`), id, name.
select kind, id, name from salesplan.display_name order by kind, id

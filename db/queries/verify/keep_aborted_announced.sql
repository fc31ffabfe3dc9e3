-- Why: What read_committed readers see as well is known already. Of what only the others see, aborted copies and those
--   not decided yet are left.
-- Runs it: `salesplan verify`, once it has read the topics both ways.
-- Returns nothing.
delete from announced u
using announced c
where u.source = 'uncommitted' and c.source = 'committed'
  and c.topic = u.topic and c.partition = u.partition and c."offset" = u."offset"

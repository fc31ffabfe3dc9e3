-- Why: A read_uncommitted reader also sees messages that a read_committed reader does not see. The statement deletes
--   the messages that both see. What remains are copies from aborted transactions, and from transactions that are still
--   open.
-- Runs it: `salesplan verify`, once it has read the topics both ways.
-- Returns nothing.
delete from dead_letter u
using dead_letter c
where u.source = 'uncommitted' and c.source = 'committed'
  and c.topic = u.topic and c.partition = u.partition and c."offset" = u."offset"

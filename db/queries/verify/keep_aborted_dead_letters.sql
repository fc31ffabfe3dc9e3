-- What read_committed readers see as well is known already; copies that were aborted, or are not yet decided, are left.
delete from dead_letter u
using dead_letter c
where u.source = 'uncommitted' and c.source = 'committed'
  and c.topic = u.topic and c.partition = u.partition and c."offset" = u."offset"

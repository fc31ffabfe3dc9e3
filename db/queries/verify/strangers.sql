-- Why: (I3) Each message announces an assignment that the ledger holds. This includes copies from aborted transactions.
--   An assignment is committed before it is published, so the later snapshot holds it.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: event %s, %s/%s number %s, lead %s',
              m.topic, m.partition, m."offset", m.event_id, m.account_id, m.plan_id, m.plan_seq, m.lead_id),
       count(*) over ()
from announced m
left join salesplan.plan p on p.account_id = m.account_id and p.plan_id = m.plan_id
left join salesplan.assignment a on a.plan_no = p.plan_no and a.plan_seq = m.plan_seq
where m.event_id is not null and a.event_id is distinct from m.event_id
order by m.topic, m.partition, m."offset"
limit $1

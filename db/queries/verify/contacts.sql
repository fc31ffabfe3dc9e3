-- Why: (I1) For each manager and lead, the database keeps the latest contact that was sent. It may keep another contact
--   only if some record with a contact can't be read again. Contacts before the time of the last pruning may be
--   missing. The database does not keep which leads were erased. So in each account, as many leads may be missing as
--   were erased.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with sent as (
    select t.account_id, t.lead_id, t.ref as manager_id, max(t.occurred_at) as latest
    from taken t
    where t.kind = 'manager-contact'
      and exists (
          select from reading r
          where r.is_this_log and r.topic = t.topic and r.partition = t.partition
            and t."offset" >= r.first_offset and t."offset" < r.next_offset
      )
    group by t.account_id, t.lead_id, t.ref
), seen as (
    select coalesce(bool_and(coalesce(
               r.is_this_log and g.first <= r.first_offset and g."end" >= r.next_offset
               and g.letters_since = '-infinity', false
           )), true) as everything
    from reading r
    left join input_range g using (topic, partition)
    where r.contact_recorded > 0
), differing as (
    select account_id, lead_id, manager_id, s.latest, c.occurred_at as kept, l.is_lost,
           dense_rank() over (partition by account_id, l.is_lost order by lead_id) as lead_number
    from sent s
    full join salesplan.contact c using (account_id, lead_id, manager_id)
    cross join seen
    cross join lateral (select c.occurred_at is null or coalesce(s.latest > c.occurred_at, false) as is_lost) l
    where case when l.is_lost then s.latest >= (select before from salesplan.pruned where what = 'contact')
               else seen.everything and s.latest is distinct from c.occurred_at end
), counted as (
    select d.*, max(lead_number) over (partition by account_id, is_lost) as leads from differing d
)
select format('%s lead %s, manager %s: the latest contact sent is of %s, the one kept of %s', account_id, lead_id,
              manager_id, coalesce(c.latest::text, 'never'), coalesce(c.kept::text, 'never')),
       count(*) over ()
from counted c
left join forgotten f using (account_id)
where not c.is_lost or c.leads > coalesce(f.contacted, 0)
order by account_id, lead_id, manager_id
limit $1

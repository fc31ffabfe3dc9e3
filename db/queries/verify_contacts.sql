-- I1: of each manager and lead the latest contact that was sent is kept. An older one, or one of which no record is
-- left, is kept only where some record that told of contacts can't be read again.
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
)
select format('%s lead %s, manager %s: the latest contact sent is of %s, the one kept of %s', account_id, lead_id,
              manager_id, coalesce(s.latest::text, 'never'), coalesce(c.occurred_at::text, 'never')),
       count(*) over ()
from sent s
full join salesplan.contact c using (account_id, lead_id, manager_id)
cross join seen
where c.occurred_at is null or s.latest > c.occurred_at
   or (seen.everything and s.latest is distinct from c.occurred_at)
order by account_id, lead_id, manager_id
limit $1

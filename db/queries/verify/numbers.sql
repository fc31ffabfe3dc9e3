-- Why: The report shows figures from the same snapshot as the checks.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 group_id (text): the consumer group whose lag is shown.
-- Returns one row: events, how many records have an outcome; the number of records with each outcome; skipped, offsets
--   without a record; assignments, and how many of them are published and pending; lag, the offsets that the group
--   still has to read; duplicates, the messages that a read_committed reader sees again.
select assigned + waiting + already_assigned + no_match + contact_recorded + dead_lettered as events,
       p.*, a.*, m.*, l.lag, d.duplicates
from (
    select coalesce(sum(assigned), 0)::bigint as assigned,
           coalesce(sum(waiting), 0)::bigint as waiting,
           coalesce(sum(already_assigned), 0)::bigint as already_assigned,
           coalesce(sum(no_match), 0)::bigint as no_match,
           coalesce(sum(contact_recorded), 0)::bigint as contact_recorded,
           coalesce(sum(dead_lettered), 0)::bigint as dead_lettered,
           coalesce(sum(skipped), 0)::bigint as skipped
    from reading
) p
cross join (
    select coalesce(sum(leads), 0)::bigint as assignments from share
) a
cross join (
    select count(*) filter (where c.published) as published,
           count(*) filter (where not c.published) as pending
    from (
        select m.event_id, bool_or(m.source = 'committed') as published
        from announced m
        where m.source in ('committed', 'pending')
        group by m.event_id
    ) c
    join salesplan.assignment a on a.event_id = c.event_id
) m
cross join (
    select coalesce(sum(b."end" - p.next_offset), 0)::bigint as lag
    from salesplan.position p
    join bounds b using (topic, partition)
    where p.group_id = $1
) l
cross join (
    select coalesce(sum(copies - 1), 0)::bigint as duplicates -- of what a read_committed reader sees
    from (
        select count(*) as copies from announced
        where source = 'committed' and event_id is not null
        group by event_id
        union all
        select count(*) from dead_letter
        where source = 'committed' and fault is null
        group by group_id, origin_topic, origin_partition, origin_offset
    ) c
) d

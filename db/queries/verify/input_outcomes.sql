-- Why: (I1) The positions count as many dead letters, contacts and unmatched records as the inputs hold. A record is
--   certainly unmatched if no version of any plan has listed its LGT or offer. A record is certainly matched if it
--   certainly brought its lead into a plan. After a reset, the checker can't tell in which reading the database refused
--   a record.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with refused as (
    select distinct origin_topic, origin_partition, origin_offset, true as is_refused from dead_letter where refused
), listed as (
    select distinct account_id, kind, ref from entry_rule
), named as (
    select i.topic, i.partition, i."offset", i.poison,
           not i.poison and i.kind = 'manager-contact' as is_contact,
           not i.poison and i.kind <> 'manager-contact' as is_lead,
           not i.poison and coalesce(d.is_refused, false) as is_refused,
           not i.poison and (coalesce(d.is_refused, false) or i.written_at < g.letters_since) as is_doubtful,
           l.ref is null as is_unlisted
    from input_record i
    join input_range g using (topic, partition)
    left join refused d
           on d.origin_topic = i.topic and d.origin_partition = i.partition and d.origin_offset = i."offset"
    left join listed l using (account_id, kind, ref)
), entered as (
    select topic, partition, count(distinct "offset") as entries from entry group by topic, partition
), counted as (
    select r.group_id, r.topic, r.partition, r.dead_lettered, r.contact_recorded, r.no_match,
           r.is_one_of_several as is_again, g.letters_since = '-infinity' as all_letters,
           r.next_offset - r.first_offset
               - greatest(0, least(r.next_offset, g."end") - greatest(r.first_offset, g.first)) as unseen,
           coalesce(e.entries, 0) as entries,
           count(*) filter (where n.poison) as poison,
           count(*) filter (where n.is_refused) as refused,
           count(*) filter (where n.is_doubtful) as doubtful,
           count(*) filter (where n.is_contact) as contacts,
           count(*) filter (where n.is_contact and not n.is_doubtful) as taken_contacts,
           count(*) filter (where n.is_contact and n.is_refused) as refused_contacts,
           count(*) filter (where n.is_lead) as leads,
           count(*) filter (where n.is_lead and n.is_refused) as refused_leads,
           count(*) filter (where n.is_lead and n.is_unlisted and not n.is_doubtful) as unlisted
    from reading r
    join input_range g using (topic, partition)
    left join entered e using (topic, partition)
    left join named n
           on n.topic = r.topic and n.partition = r.partition
          and n."offset" >= r.first_offset and n."offset" < r.next_offset
    where r.is_current and r.is_this_log
    group by r.group_id, r.topic, r.partition, r.first_offset, r.next_offset, r.dead_lettered, r.contact_recorded,
             r.no_match, r.is_one_of_several, g.first, g."end", g.letters_since, e.entries
), bounded as (
    select *,
           poison + case when all_letters and not is_again then refused else 0 end as least_dead,
           poison + case when all_letters then refused else doubtful end + unseen as most_dead,
           contacts - case when is_again then 0 else refused_contacts end + unseen as most_contacts,
           leads - case when is_again then 0 else refused_leads end - entries + unseen as most_unmatched
    from counted
)
select format('%s[%s] of %s: %s', topic, partition, group_id, concat_ws('; ',
              case when dead_lettered not between least_dead and most_dead
                   then format('%s dead-lettered, of %s that are poison and %s refused', dead_lettered, poison, refused)
              end,
              case when contact_recorded not between taken_contacts and most_contacts
                   then format('%s contacts recorded, of %s', contact_recorded, contacts) end,
              case when no_match not between unlisted and most_unmatched
                   then format('%s unmatched, where %s name what no plan ever listed, and %s of %s what one did',
                               no_match, unlisted, entries, leads) end)),
       count(*) over ()
from bounded
where dead_lettered not between least_dead and most_dead
   or contact_recorded not between taken_contacts and most_contacts
   or no_match not between unlisted and most_unmatched
order by topic, partition
limit $1

-- Why: For each slot, the outbox holds exactly the rows that were written and are not confirmed yet. Rows that were
--   just confirmed may still be there.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with row_count as (
    select s.group_id, s.number, s.sequence, s.confirmed,
           count(*) filter (where o.sequence > s.confirmed and o.sequence <= s.sequence) as unconfirmed,
           count(*) filter (where o.sequence > s.sequence) as unwritten
    from salesplan.slot s
    left join salesplan.outbox o on o.group_id = s.group_id and o.slot_number = s.number
    group by s.group_id, s.number, s.sequence, s.confirmed
)
select * from (
    select format('slot %s of %s: written %s, confirmed %s, rows in between %s, beyond %s',
                  number, group_id, sequence, confirmed, unconfirmed, unwritten),
           count(*) over ()
    from row_count
    where confirmed > sequence or unconfirmed <> sequence - confirmed or unwritten > 0
    union all
    select format('outbox row %s of slot %s of %s: there is no such slot', o.sequence, o.slot_number, o.group_id),
           count(*) over ()
    from salesplan.outbox o
    where not exists (select from salesplan.slot s where s.group_id = o.group_id and s.number = o.slot_number)
) found
order by 1
limit $1

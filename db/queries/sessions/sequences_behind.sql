-- Why: Logical replication copies rows and leaves sequences where they were, and so does a restore of some tables. A
--   number that is drawn twice violates a key, or puts a lead before those that came earlier. No index tells the
--   largest arrival number; enough is known without one. Leads that wait have theirs in their key. And each batch that
--   has left an outbox row has drawn one number, of which there is one for 65,536.
-- Runs it: a worker when a session begins, whoever adds a plan, `salesplan migrate`. It reads a few index entries a
--   plan.
-- Returns the sequences whose next number is not above all that were given.
with given as (
    select 'salesplan.plan_plan_no_seq' as name,
           s.last_value + case when s.is_called then 1 else 0 end as next,
           (select max(plan_no) from salesplan.plan)::bigint as reached
    from salesplan.plan_plan_no_seq s
    union all
    select 'salesplan.arrival',
           s.last_value + case when s.is_called then 65536 else 0 end,
           greatest(
               (select max(w.arrival)
                from salesplan.plan p
                cross join lateral (
                    select arrival from salesplan.waiting_lead where plan_no = p.plan_no order by arrival desc limit 1
                ) w),
               (select 65536 * sum(sequence) from salesplan.slot)::bigint
           )
    from salesplan.arrival s
)
select name from given where next <= reached

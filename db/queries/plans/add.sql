-- New plans and their counters, empty as yet: plans_move.sql and plans_grow_counters.sql fill them like changed ones.
with added as (
    insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
    select $1, n.plan_id, 0, false, '{}', 0
    from unnest($2::text[]) as n (plan_id)
    returning plan_no, plan_id
), counted as (
    insert into salesplan.plan_counter (plan_no, assigned, last_seqs)
    select plan_no, '{}', '{}' from added
)
select plan_no, plan_id from added

-- Why: A plan assigns a lead only once. So a batch asks which of its leads their plans have assigned already. Both
--   lists come as text, which costs the client only a fifth of the work of arrays; no id holds a line break. With
--   `lateral` and `offset 0` Postgres goes key by key through the index, whatever the statistics say.
-- Runs it: the worker's ledger, in each batch with leads.
-- $1 plan_no (text): the plan of each key, as the text of an array.
-- $2 lead_id (text): the lead of each key, in the order of $1, one per line.
-- Returns plan_no and lead_id of the keys that are assigned.
select a.plan_no, a.lead_id
from unnest($1::text::integer[], string_to_array($2, e'\n')) as k (plan_no, lead_id)
cross join lateral (
    select plan_no, lead_id
    from salesplan.assignment
    where lead_id = k.lead_id and plan_no = k.plan_no
    offset 0
) a

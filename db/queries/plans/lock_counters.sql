-- Second in the lock order, and the same as batches do: no batch decides by these plans until the edit is committed.
select from salesplan.plan_counter where plan_no = any ($1::integer[]) order by plan_no for update

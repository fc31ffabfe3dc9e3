-- The oldest leads of these plans, up to an arrival each, wait no longer.
delete from salesplan.waiting_lead w
using unnest($1::integer[], $2::bigint[]) as d (plan_no, arrival)
where w.plan_no = d.plan_no and w.arrival <= d.arrival

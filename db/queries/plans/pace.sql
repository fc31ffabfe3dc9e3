-- Why: A forecast says how many days a run of leads takes, at the pace of the last 7 days. In a plan, numbers and times
--   rise together. So a binary search by number finds the first lead of these days: 20 looks in a plan of a million.
-- Runs it: `salesplan plans forecast`, dry runs of plan edits, and the console's pages for heads of sales, after
--   console/enter.
-- $1 plan_no (integer[]): the plans.
-- Returns one row per plan: plan_no; leads, how many were assigned in the last 7 days; now, the time of the question.
with recursive halved (plan_no, last_seq, low, high) as (
    -- The last lead before these 7 days is at low or above, and at high or below.
    select c.plan_no, c.last_seq, 0::bigint, c.last_seq
    from salesplan.plan_counter c
    where c.plan_no = any ($1::integer[])
    union all
    select h.plan_no, h.last_seq,
           case when m.assigned_at < now() - interval '168 hours' then m.plan_seq else h.low end,
           case when m.assigned_at < now() - interval '168 hours' then h.high else m.plan_seq - 1 end
    from halved h
    cross join lateral (
        select a.plan_seq, a.assigned_at
        from salesplan.account_assignment a
        where a.plan_no = h.plan_no and a.plan_seq = (h.low + h.high + 1) / 2
        offset 0
    ) m
    where h.low < h.high
)
select plan_no, last_seq - low as leads, now() as now from halved where low = high

-- What queries through a view can't do, since a barrier hides an index's order from them: pages of a ledger, newest first.
-- Functions of the owner, of the rows of whoever has been let in. They go key by key through the indexes whatever the
-- statistics say, as batches do.

-- A page of a plan's clients, newest first, those below a number (null: from the newest on), of one manager or of all.
-- It walks the plan's key backwards, which no query through a view does, and begins at the manager's latest lead.
create function salesplan_api.account_page(of_plan text, of_manager text, below bigint, at_most integer)
returns table (
    plan_seq bigint, lead_id text, manager_id text, reason text, plan_version integer, trigger_kind text,
    trigger_ref text, assigned_at timestamptz
)
language sql stable security definer
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
begin atomic
    select a.plan_seq, a.lead_id, a.manager_id, a.reason, a.plan_version, a.trigger_kind, a.trigger_ref, a.assigned_at
    from salesplan.plan p
    cross join lateral (
        select case
                   when of_manager is null then c.last_seq
                   else c.last_seqs[array_position(p.roster, of_manager)]
               end as latest
        from salesplan.plan_counter c
        where c.plan_no = p.plan_no
        order by c.era desc
        limit 1
    ) c
    cross join lateral (
        select a.*
        from salesplan.assignment a
        where a.plan_no = p.plan_no and a.plan_seq <= c.latest and a.plan_seq < coalesce(below, c.latest + 1)
          and (of_manager is null or a.manager_id = of_manager)
        order by a.plan_seq desc
        limit least(greatest(at_most, 0), 1000)
    ) a
    where p.account_id = (select salesplan.entered_account()) and p.plan_id = of_plan
    order by a.plan_seq desc;
end;

-- By time, the number of the plan's last lead that was assigned before it, 0 where there is none. Numbers and times grow
-- together, so the number is found by halving: 20 looks in a plan of a million.
create function salesplan_api.account_seqs(of_plan text, before timestamptz[])
returns table (before_time timestamptz, plan_seq bigint)
language sql stable security definer
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
begin atomic
    select t.before_time, found.low
    from salesplan.plan p
    cross join lateral (
        select c.last_seq from salesplan.plan_counter c where c.plan_no = p.plan_no order by c.era desc limit 1
    ) c
    cross join unnest(before) as t (before_time)
    cross join lateral (
        with recursive halved (low, high) as (
            select 0::bigint, c.last_seq -- the last one before it is at low or above, and at high or below
            union all
            select case when m.assigned_at < t.before_time then m.plan_seq else h.low end,
                   case when m.assigned_at < t.before_time then h.high else m.plan_seq - 1 end
            from halved h
            cross join lateral (
                select a.plan_seq, a.assigned_at
                from salesplan.assignment a
                where a.plan_no = p.plan_no and a.plan_seq = (h.low + h.high + 1) / 2
                offset 0
            ) m
            where h.low < h.high
        )
        select h.low from halved h where h.low = h.high
    ) found
    where p.account_id = (select salesplan.entered_account()) and p.plan_id = of_plan;
end;

-- The manager's pages: what is his, and nothing that tells how much the others have. So the place in his clients is one
-- of them, and not a number of the plan.
create function salesplan_api.own_page(of_plan text, below text, at_most integer)
returns table (
    lead_id text, assigned_at timestamptz, reason text, contacted_at timestamptz, trigger_kind text, trigger_ref text,
    trigger_name text
)
language sql stable security definer
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
begin atomic
    select a.lead_id, a.assigned_at, a.reason, contacted.occurred_at, a.trigger_kind, a.trigger_ref, n.name
    from salesplan.viewer v
    join salesplan.plan p on p.account_id = v.account_id and p.plan_id = of_plan
    cross join lateral (
        select c.last_seqs[array_position(p.roster, v.manager_id)] as latest,
               c.assigned[array_position(p.roster, v.manager_id)] as leads
        from salesplan.plan_counter c
        where c.plan_no = p.plan_no
        order by c.era desc
        limit 1
    ) c
    cross join lateral (
        select a.*
        from salesplan.assignment a
        where a.plan_no = p.plan_no and a.manager_id = v.manager_id
          and a.plan_seq <= case
              when below is null then c.latest
              else (
                  select b.plan_seq - 1
                  from salesplan.assignment b
                  where b.lead_id = below and b.plan_no = p.plan_no and b.manager_id = v.manager_id
              )
          end
        order by a.plan_seq desc
        limit least(greatest(at_most, 0), 200, c.leads)
    ) a
    left join salesplan.contact contacted
        on contacted.account_id = p.account_id and contacted.lead_id = a.lead_id
        and contacted.manager_id = v.manager_id
    left join salesplan.display_name n
        on n.account_id = p.account_id and n.id = a.trigger_ref
        and n.kind = case a.trigger_kind when 'subscription' then 'lgt' else 'offer' end
    order by a.plan_seq desc;
end;

-- One client of his: a row for each plan in which the lead is his.
create function salesplan_api.own_lead(of_lead text)
returns table (
    plan_id text, plan_name text, assigned_at timestamptz, reason text, contacted_at timestamptz, trigger_kind text,
    trigger_ref text, trigger_name text
)
language sql stable security definer
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
begin atomic
    select p.plan_id, last.name, a.assigned_at, a.reason, contacted.occurred_at, a.trigger_kind, a.trigger_ref, n.name
    from salesplan.viewer v
    join salesplan.assignment a on a.lead_id = of_lead and a.manager_id = v.manager_id
    join salesplan.plan p on p.plan_no = a.plan_no and p.account_id = v.account_id
    cross join lateral (
        select pv.name
        from salesplan.plan_version pv
        where pv.plan_no = p.plan_no and v.manager_id = any (pv.managers)
        order by pv.version desc
        limit 1
    ) last
    left join salesplan.contact contacted
        on contacted.account_id = p.account_id and contacted.lead_id = a.lead_id
        and contacted.manager_id = v.manager_id
    left join salesplan.display_name n
        on n.account_id = p.account_id and n.id = a.trigger_ref
        and n.kind = case a.trigger_kind when 'subscription' then 'lgt' else 'offer' end
    order by p.plan_id;
end;

-- His plans, also those he was taken out of: these as they were when he was last in them. All numbers are of his leads.
create function salesplan_api.own_overview()
returns table (
    plan_id text, plan_name text, label_text text, label_color text, state text, leads integer, potential_usd numeric
)
language sql stable security definer
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
begin atomic
    select p.plan_id, last.name, last.label_text, last.label_color,
           case
               when last.version < p.version then 'removed'
               when p.archived then 'archived'
               when last.active[array_position(last.managers, v.manager_id)] then 'active'
               else 'paused'
           end,
           c.leads, round(c.leads * last.conversion_percent / 100 * last.average_sale, 2)
    from salesplan.viewer v
    join salesplan.plan p on p.account_id = v.account_id and v.manager_id = any (p.roster)
    cross join lateral (
        select c.assigned[array_position(p.roster, v.manager_id)] as leads
        from salesplan.plan_counter c
        where c.plan_no = p.plan_no
        order by c.era desc
        limit 1
    ) c
    cross join lateral (
        select pv.*
        from salesplan.plan_version pv
        where pv.plan_no = p.plan_no and v.manager_id = any (pv.managers)
        order by pv.version desc
        limit 1
    ) last
    order by p.plan_id;
end;

revoke all on function salesplan_api.account_page, salesplan_api.account_seqs, salesplan_api.own_page,
    salesplan_api.own_lead, salesplan_api.own_overview from public;
grant execute on function salesplan_api.account_page, salesplan_api.account_seqs to salesplan_head;
grant execute on function salesplan_api.own_page, salesplan_api.own_lead, salesplan_api.own_overview
    to salesplan_manager, salesplan_console;

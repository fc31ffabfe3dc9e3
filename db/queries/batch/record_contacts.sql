-- Keep the latest contact of each manager with a lead; rows come sorted by key, so that two workers can't deadlock.
insert into salesplan.contact as c (account_id, lead_id, manager_id, occurred_at, arrival)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[])
on conflict (account_id, lead_id, manager_id) do update
set occurred_at = excluded.occurred_at, arrival = excluded.arrival
where (excluded.occurred_at, excluded.arrival) > (c.occurred_at, c.arrival)

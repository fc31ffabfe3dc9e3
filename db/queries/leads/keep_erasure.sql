-- That a lead was erased: when, by whom, how much there was of it; not which one.
insert into salesplan.erasure (erased_id, account_id, erased_at, erased_by, assignments, waiting, contacts)
values ($1, $2, clock_timestamp(), $3, $4, $5, $6)

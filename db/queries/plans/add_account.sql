-- The row on which edits of one account queue up; made by the first of them.
insert into salesplan.account (account_id) values ($1) on conflict do nothing

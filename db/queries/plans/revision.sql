-- Whether there is anything to load.
select revision from salesplan.plan_book

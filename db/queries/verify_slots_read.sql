-- The slots whose published positions Kafka is asked for.
select group_id, number from salesplan.slot order by group_id, number

-- The slots whose published positions Kafka is asked for.
select group_id, number, marked_epoch is not distinct from epoch as is_marked from salesplan.slot order by group_id, number

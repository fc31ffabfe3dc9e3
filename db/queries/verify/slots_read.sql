-- Why: The checker asks Kafka for the published position of each slot.
-- Runs it: `salesplan verify`, once it has read the topics.
-- Returns group_id, number, and is_marked: the slot's owners have marked its position in Kafka.
select group_id, number, marked_epoch is not distinct from epoch as is_marked from salesplan.slot order by group_id, number

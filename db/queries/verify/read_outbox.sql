-- All that is written and not known to be published.
select group_id, slot_number, sequence, messages from salesplan.outbox order by group_id, slot_number, sequence

-- Why: Kafka may delete the oldest records of a log while the checker reads it. Then the checker may have missed some
--   of them, so it also drops those that it has read.
-- Runs it: `salesplan verify`, after verify/fill_input_ranges.
-- Returns nothing.
delete from input_record i
using input_range r
where r.topic = i.topic and r.partition = i.partition and i."offset" < r.first

-- Why: Kafka may delete the oldest records of a log while the checker reads it. Then the checker may have read only
--   some of these records, so it drops those that it has.
-- Runs it: `salesplan verify`, after verify/fill_input_ranges.
-- Returns nothing.
delete from input_record i
using input_range r
where r.topic = i.topic and r.partition = i.partition and i."offset" < r.first

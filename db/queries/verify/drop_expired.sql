-- Why: Records that were deleted from their log while it was being read have neighbours that may have been missed.
-- Runs it: `salesplan verify`, after verify/fill_input_ranges.
-- Returns nothing.
delete from input_record i
using input_range r
where r.topic = i.topic and r.partition = i.partition and i."offset" < r.first

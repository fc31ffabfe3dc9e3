-- Records that were deleted from their log while it was being read: their neighbours may not have been seen.
delete from input_record i
using input_range r
where r.topic = i.topic and r.partition = i.partition and i."offset" < r.first

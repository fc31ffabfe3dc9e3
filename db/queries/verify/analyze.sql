-- Temporary tables are not analysed by themselves.
analyze announced, dead_letter, share, bounds, log, input_record, input_range, entry_rule, in_force

-- The position of slot $2 of group $1 in Kafka has our mark, as its owner with epoch $3 says; one without is a tool's.
update salesplan.slot set marked_epoch = epoch where group_id = $1 and number = $2 and epoch = $3

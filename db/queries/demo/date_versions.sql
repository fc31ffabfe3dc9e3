-- Why: Made-up edits of plans belong to the made-up past, like the assignments around them.
-- Runs it: `make console`, right after each made-up edit. Earlier edits already have earlier times.
-- $1 changed_at (timestamptz): the time of the edit.
-- Returns nothing.
update salesplan.plan_version
set changed_at = $1
where changed_at > $1

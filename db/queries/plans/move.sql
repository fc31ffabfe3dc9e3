-- Why: The new versions come into force. They carry the book's revision, so workers find the plans that are newer than
--   their own. New managers go to the roster's end, because the counters go by index in the roster.
-- Runs it: plan edits, after plans/keep_versions.
-- $1 plans (jsonb): an array with an object for each plan: plan_no, version, archived, and newcomers, the new managers
--   in order.
-- $2 revision (bigint): the revision of the plan book.
-- Returns nothing.
update salesplan.plan p
set version = n.version, archived = n.archived, roster = p.roster || n.newcomers, book_revision = $2
from jsonb_to_recordset($1::jsonb) as n (plan_no integer, version integer, archived boolean, newcomers text[])
where p.plan_no = n.plan_no

-- The versions in force, marked with the book's revision so that workers find what is newer than what they hold.
-- New managers go to the roster's end: its places are those of the counters.
update salesplan.plan p
set version = n.version, archived = n.archived, roster = p.roster || n.newcomers, book_revision = $2
from jsonb_to_recordset($1::jsonb) as n (plan_no integer, version integer, archived boolean, newcomers text[])
where p.plan_no = n.plan_no

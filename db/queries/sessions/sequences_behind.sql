-- Why: Logical replication copies rows and leaves sequences where they were, and so does a restore of some tables. A
--   number that is drawn twice violates a key, or puts a lead before those that came earlier. No index tells the
--   largest arrival number; enough is known without one. Leads that wait have theirs in their key. And each batch that
--   has left an outbox row has drawn one number, of which there is one for 65,536. The owner's function
--   looks, because an edit may be by somebody who sees one account only.
-- Runs it: a worker when a session begins, whoever adds a plan, `salesplan migrate`. It reads a few index entries a
--   plan.
-- Returns the sequences whose next number is not above all that were given.
select name from salesplan.sequences_behind()

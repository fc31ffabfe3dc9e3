-- Why: Logical replication copies rows and leaves sequences where they were, and so does a restore of some tables. A
--   number that is drawn twice violates a key, or puts a lead before those that came earlier. No index has the largest
--   arrival number, but two bounds are known. The numbers of waiting leads are in their key. And each outbox row that
--   was ever written has drawn one number, which stands for 65,536 arrival numbers. The owner's function looks, because
--   an edit may be by somebody who sees one account only.
-- Runs it: a worker when a session begins, whoever adds a plan, `salesplan migrate`. It reads a few index entries a
--   plan.
-- Returns the sequences whose next number is not above all that were given.
select name from salesplan.sequences_behind()

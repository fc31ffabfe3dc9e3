-- Why: Logical replication copies rows and leaves sequences as they were. So does a restore of some tables. A number
--   that is drawn twice violates a key, or puts a lead before earlier ones. No index has the largest arrival number,
--   but two bounds are known. The numbers of waiting leads are in their key. And each outbox row that was ever written
--   has drawn one number, which stands for 65,536 arrival numbers. A function of the owner reads them, because the
--   login of an edit may see one account only.
-- Runs it: a worker when a session begins, each edit that adds a plan, and `salesplan migrate`. It reads a few index
--   entries per plan.
-- Returns the sequences whose next number is at most the highest number that was already given.
select name from salesplan.sequences_behind()

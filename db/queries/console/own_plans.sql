-- Why: A manager sees his plans, also those he was taken out of. All figures are of his clients alone.
-- Runs it: the console's page `/my`, after console/enter.
-- Returns a row a plan, by plan_id: plan_id; plan_name, label_text and label_color as of the last version that had him;
--   state (`active`, `paused`, `removed` or `archived`); leads, his clients; potential_usd, of them.
select plan_id, plan_name, label_text, label_color, state, leads, potential_usd from salesplan_api.own_overview()

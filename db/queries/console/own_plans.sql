-- Why: A manager sees his plans, including those that he was taken out of. All figures count his own clients only.
-- Runs it: the console's page `/my`, after console/enter.
-- Returns one row per plan, by plan_id: plan_id; plan_name, label_text and label_color in the last version that had
--   him; state (`active`, `paused`, `removed` or `archived`); leads, the number of his clients; potential_usd, the
--   potential of these clients.
select plan_id, plan_name, label_text, label_color, state, leads, potential_usd from salesplan_api.own_overview()

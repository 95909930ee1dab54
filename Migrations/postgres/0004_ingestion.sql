-- Runs that could not start: what was wrong, each with its code and place.
ALTER TABLE actions_workflow_runs ADD COLUMN diagnostics JSON;

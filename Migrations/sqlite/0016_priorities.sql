-- Higher goes first; the run's jobs have it.
ALTER TABLE actions_workflow_runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100);

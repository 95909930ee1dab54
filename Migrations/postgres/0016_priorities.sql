-- Higher goes first; the run's jobs have it.
ALTER TABLE actions_workflow_runs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100);

-- How long what has ended is kept, in days: of a repository, or the default. Without a row the program's default holds.
CREATE TABLE actions_retention (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL CHECK (class IN ('logs', 'runs', 'events')),
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE, -- NULL: the default
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 36500),
    untold INTEGER NOT NULL DEFAULT 0 CHECK (untold >= 0) -- removed, but not in the audit log yet
) STRICT;
CREATE UNIQUE INDEX actions_retention_default ON actions_retention (class) WHERE repository_id IS NULL;
CREATE UNIQUE INDEX actions_retention_own ON actions_retention (class, repository_id) WHERE repository_id IS NOT NULL;
CREATE INDEX actions_retention_repository ON actions_retention (repository_id) WHERE repository_id IS NOT NULL;

-- What no pruning touches. Nor can it be deleted otherwise: the keys do not take the row along.
CREATE TABLE actions_legal_holds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id),
    run_id INTEGER REFERENCES actions_workflow_runs (id), -- NULL: the whole repository
    reason TEXT NOT NULL CHECK (reason <> ''),
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX actions_legal_holds_run ON actions_legal_holds (run_id) WHERE run_id IS NOT NULL;
CREATE UNIQUE INDEX actions_legal_holds_whole ON actions_legal_holds (repository_id) WHERE run_id IS NULL;
CREATE INDEX actions_legal_holds_repository ON actions_legal_holds (repository_id);

-- When the logs of a run were removed: all of them, until it is run again. Of an assignment: its own, for ever.
ALTER TABLE actions_workflow_runs ADD COLUMN logs_removed_at INTEGER;
ALTER TABLE actions_job_assignments ADD COLUMN logs_removed_at INTEGER;

-- What has ended, the oldest first.
CREATE INDEX actions_workflow_runs_completed ON actions_workflow_runs (repository_id, completed_at)
    WHERE completed_at IS NOT NULL;
CREATE INDEX actions_workflow_runs_logs ON actions_workflow_runs (repository_id, completed_at)
    WHERE completed_at IS NOT NULL AND logs_removed_at IS NULL;
-- Runs that call other workflows: a version may be named there alone.
CREATE INDEX actions_workflow_runs_calls ON actions_workflow_runs (id)
    WHERE CAST(referenced_workflows AS TEXT) NOT IN ('[]', '{}');
DROP INDEX actions_events_repository;
CREATE INDEX actions_events_repository ON actions_events (repository_id, created_at);

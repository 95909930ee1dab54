-- Claims may be lost with their runner: how often an execution was claimed (its fencing tokens count from 1), how many of
-- these claims were lost, and whose fault a failure was.
ALTER TABLE actions_job_executions ADD COLUMN claims INTEGER NOT NULL DEFAULT 0 CHECK (claims >= 0);
ALTER TABLE actions_job_executions ADD COLUMN lost_claims INTEGER NOT NULL DEFAULT 0 CHECK (lost_claims >= 0);
ALTER TABLE actions_job_executions ADD COLUMN failure_class TEXT CHECK (failure_class IN ('infrastructure', 'user'));
UPDATE actions_job_executions SET claims = (SELECT max(s.fencing_token) FROM actions_job_assignments s
    WHERE s.execution_id = actions_job_executions.id)
WHERE id IN (SELECT execution_id FROM actions_job_assignments);
UPDATE actions_job_executions SET failure_class = CASE WHEN status_reason IN ('runner_lost', 'setup_failed')
    THEN 'infrastructure' ELSE 'user' END
WHERE status = 'failed';

-- A draining runner finishes what it has and takes nothing more; one that is paused too, for a reason.
ALTER TABLE actions_runners ADD COLUMN draining INTEGER NOT NULL DEFAULT 0 CHECK (draining IN (0, 1));
ALTER TABLE actions_runners ADD COLUMN paused_reason TEXT;

-- Whoever shows the text of a token may register one runner; only its digest is kept.
CREATE TABLE actions_registration_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CHECK (repository_id IS NULL OR organization_id IS NULL),
    CHECK (created_at <= expires_at)
) STRICT;
CREATE INDEX actions_registration_tokens_repository ON actions_registration_tokens (repository_id);

-- Where jobs deploy to, and the rules that hold them before they may. An environment without a row has no rules.
CREATE TABLE actions_environments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL, -- names compare without regard to case
    wait_minutes INTEGER NOT NULL DEFAULT 0 CHECK (wait_minutes BETWEEN 0 AND 43200),
    prevents_self_review INTEGER NOT NULL DEFAULT 0 CHECK (prevents_self_review IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (repository_id, name_folded)
) STRICT;

-- Any one of them may let a job in; none: nobody has to.
CREATE TABLE actions_environment_reviewers (
    environment_id INTEGER NOT NULL REFERENCES actions_environments (id) ON DELETE CASCADE,
    login_folded TEXT NOT NULL,
    login TEXT NOT NULL,
    PRIMARY KEY (environment_id, login_folded)
) STRICT;

-- The branches and tags that may deploy; none: all.
CREATE TABLE actions_environment_refs (
    environment_id INTEGER NOT NULL REFERENCES actions_environments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('branch', 'tag')),
    pattern TEXT NOT NULL,
    PRIMARY KEY (environment_id, kind, pattern)
) STRICT;

-- A job before the rules of its environment: open until a reviewer and the wait timer let it in.
CREATE TABLE actions_gates (
    execution_id INTEGER PRIMARY KEY REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    environment_id INTEGER REFERENCES actions_environments (id) ON DELETE SET NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'passed', 'rejected', 'closed')), -- closed: the job ended otherwise
    opened_at INTEGER NOT NULL,
    wait_until INTEGER, -- of the wait timer
    approved_at INTEGER,
    closed_at INTEGER,
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (closed_at IS NULL OR opened_at <= closed_at)
) STRICT;
CREATE INDEX actions_gates_run ON actions_gates (run_id);
CREATE INDEX actions_gates_environment ON actions_gates (environment_id) WHERE environment_id IS NOT NULL;
CREATE INDEX actions_gates_open ON actions_gates (opened_at, execution_id) WHERE state = 'open';

-- What reviewers said: of a job before an environment, or of a whole run that a fork asks for.
CREATE TABLE actions_gate_reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    execution_id INTEGER REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    environment TEXT,
    reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'rejected')),
    comment TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    CHECK ((execution_id IS NULL) = (environment IS NULL))
) STRICT;
CREATE INDEX actions_gate_reviews_run ON actions_gate_reviews (run_id, id);
CREATE INDEX actions_gate_reviews_execution ON actions_gate_reviews (execution_id) WHERE execution_id IS NOT NULL;

-- Whose pull requests from forks wait until somebody approves their runs.
ALTER TABLE actions_repositories ADD COLUMN fork_approval TEXT NOT NULL DEFAULT 'first_time_contributors'
    CHECK (fork_approval IN ('never', 'first_time_contributors_new_to_github', 'first_time_contributors',
        'all_external_contributors'));
-- Runs that wait for that.
CREATE INDEX actions_workflow_runs_waiting ON actions_workflow_runs (id) WHERE hold = 'waiting';
